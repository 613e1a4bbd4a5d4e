import { createServer } from 'node:net'
import type { ComposeService } from './compose.ts'
import type { ScratchImage } from './image.ts'

/** What stands in for the names and ports that only containers have; the longer ones first. */
export type Places = readonly (readonly [inContainer: string, here: string])[]

export interface ComposeProcess {
  readonly name: string
  readonly opsPort: number
  readonly exited: Promise<number>
  output(): string
  stop(): Promise<number>
}

const started = new Set<Bun.Subprocess>()

/** Ends all that still runs. */
export function endComposeProcesses(): void {
  for (const child of started) child.kill('SIGKILL')
}

/**
 * Starts the command of a service in the image with the environment of image and service and nothing
 * else, but for hosts, ports and paths. Its own ports are those of `ports`.
 */
export function startService(
  image: ScratchImage,
  [name, service]: readonly [string, ComposeService],
  places: Places,
  ports: Readonly<Record<string, number>>,
): ComposeProcess {
  const home = image.at('/var/lib/aero')
  const environment: Record<string, string> = {}
  for (const [variable, value] of Object.entries({ ...image.environment, ...service.environment }))
    environment[variable] = replaced(String(value), places)
  Object.assign(environment, { AERO_HOME: home, PATH: process.env.PATH, HOME: image.at('/tmp') })
  for (const [variable, port] of Object.entries(ports)) environment[variable] = String(port)
  const words = [...(service.entrypoint ?? image.entrypoint), ...(service.command ?? [])]
  const child = Bun.spawn([process.execPath, ...words.slice(1)], {
    cwd: image.at(image.workdir),
    env: environment,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  started.add(child)
  let said = ''
  const listen = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) said += text
  }
  const heard = Promise.all([listen(child.stdout), listen(child.stderr)])
  const exited = heard.then(() => child.exited)
  return {
    name,
    opsPort: ports['OPS_PORT'] ?? 0,
    exited,
    output: () => said,
    stop() {
      child.kill('SIGTERM')
      return exited
    },
  }
}

const replaced = (value: string, places: Places): string =>
  places.reduce((text, [inContainer, here]) => text.replaceAll(inContainer, here), value)

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const server = createServer().listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
  })
  return promise
}
