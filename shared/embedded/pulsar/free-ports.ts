import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'

/** Thrown when a port that was asked for is taken. */
class PulsarPortTaken extends Error {
  override readonly name = 'PulsarPortTaken'
}

/** Where one Pulsar listens, all on loopback. */
export interface Ports {
  readonly broker: number
  readonly web: number
  readonly brokerTls: number
  readonly webTls: number
  readonly bookie: number
}

export interface WantedPorts {
  /** Unset or 0: any free one. */
  readonly port?: number
  readonly webPort?: number
}

/**
 * The ports asked for, and free ones for the rest. All are held until all are found, so that none is
 * given twice. Throws `PulsarPortTaken`, which names it and the option.
 */
export async function choosePorts({ port = 0, webPort = 0 }: WantedPorts): Promise<Ports> {
  const held: Server[] = []
  const hold = async (wanted: number) => {
    const server = await listen(wanted)
    if (server) held.push(server)
    return server && portOf(server)
  }
  try {
    const [broker, web] = [await hold(port), await hold(webPort)]
    if (broker === undefined) throw taken(port, '--port')
    if (web === undefined) throw taken(webPort, '--web-port')
    const [brokerTls, webTls] = [(await hold(0)) ?? 0, (await hold(0)) ?? 0]
    return { broker, web, brokerTls, webTls, bookie: await lastingPort(hold) }
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

const taken = (port: number, option: string) =>
  new PulsarPortTaken(
    `port ${port} is taken, so Pulsar cannot listen there. Stop what uses it, or choose another with ${option}.`,
  )

// The storage keeps its port for as long as the data lives, so not one of those that the system
// lends to every outgoing connection (from 32768 on Linux, 49152 elsewhere).
async function lastingPort(hold: (port: number) => Promise<number | undefined>): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = await hold(randomInt(20_000, 32_000))
    if (port !== undefined) return port
  }
  throw new PulsarPortTaken("no port from 20000 to 32000 is free for Pulsar's storage")
}

const listen = (port: number) =>
  new Promise<Server | undefined>((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
