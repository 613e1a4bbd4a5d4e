import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

/**
 * The port to listen on: the wanted one, else the one used last, so that a URL somebody kept
 * stays true after a restart, else any free one. Throws when the wanted one is taken.
 */
export async function choosePort(home: string, wanted: number | undefined): Promise<number> {
  const memory = join(home, 'port')
  const port = wanted ?? lastPort(memory)
  const chosen = (await freePort(port)) ?? (wanted === undefined ? await freePort(0) : undefined)
  if (chosen === undefined) {
    throw new Error(`port ${port} is taken, so Postgres cannot listen there. Choose another.`)
  }
  writeFileSync(memory, String(chosen), { mode: 0o600 })
  return chosen
}

function lastPort(memory: string): number {
  try {
    return Number(readFileSync(memory, 'utf8'))
  } catch {
    return 0
  }
}

const freePort = (port: number) =>
  new Promise<number | undefined>((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(undefined))
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
