import { join } from 'node:path'
import type { ClientProcess, ProcessJob } from '../../shared/messaging/contract-suite/contract.ts'

/** Which broker a process of the contract suite connects to. */
export type ProcessBroker =
  | { readonly database: string }
  | {
      readonly pulsar: {
        readonly url: string
        readonly adminUrl: string
        readonly keyShared: boolean
      }
    }

/** Starts `broker-process.ts`. */
export const clientProcess = (broker: ProcessBroker, job: ProcessJob): ClientProcess => {
  const script = join(import.meta.dirname, 'broker-process.ts')
  const child = Bun.spawn([process.execPath, script, JSON.stringify(broker), JSON.stringify(job)], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const lines: string[] = []
  const read = async () => {
    let rest = ''
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      lines.push(...parts)
    }
  }
  const ended = Promise.all([read(), child.exited]).then(() => undefined)
  return {
    lines,
    ended,
    async stop() {
      await child.stdin.end()
      await ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
