import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { denoCommand } from '../../tests/support/deno.ts'
import { canHavePython, python } from '../../tests/support/python.ts'
import type { Contestant } from './rows.ts'
import type { Outcome, Task } from './tasks.ts'

/** A process that carries out one task after the other. */
export interface Running {
  carryOut(task: Task): Promise<Outcome>
  stop(): Promise<void>
}

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const commands: Readonly<Record<Contestant, () => Promise<readonly string[]>>> = {
  bun: () => Promise.resolve([process.execPath, fileOf('worker.ts')]),
  deno: async () => [...(await denoCommand()), fileOf('worker.ts')],
  python: async () => [await python(), fileOf('worker.py')],
}

/** Everyone who can take part on this machine. */
export const contestants = (): readonly Contestant[] =>
  canHavePython() ? ['bun', 'deno', 'python'] : ['bun', 'deno']

/** Starts a contestant's client; it ends when it is stopped, or with this process. */
export const start = async (contestant: Contestant, serviceUrl: string): Promise<Running> => {
  const command = [...(await commands[contestant]()), serviceUrl]
  const child = Bun.spawn(command, { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' })
  const lines = createInterface({ input: Readable.from(child.stdout) })[Symbol.asyncIterator]()
  return {
    async carryOut(task) {
      child.stdin.write(`${JSON.stringify(task)}\n`)
      await child.stdin.flush()
      const { value, done } = await lines.next()
      if (done) throw new Error(`the client on ${contestant} ended during ${JSON.stringify(task)}`)
      return JSON.parse(value) as Outcome
    },
    async stop() {
      await child.stdin.end()
      await child.exited
    },
  }
}
