import { connect, createServer, type Socket } from 'node:net'

interface CuttingProxy extends AsyncDisposable {
  readonly url: string
  /** Ends every connection at once, in the middle of whatever goes over it. */
  cut(): void
}

/** Stands between a client and the broker at `target`, `pulsar://host:port`. */
export const cuttingProxy = async (target: string): Promise<CuttingProxy> => {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const broker = connect(Number(port), hostname)
    const drop = () => {
      client.destroy()
      broker.destroy()
    }
    for (const socket of [client, broker]) {
      sockets.add(socket)
      socket.on('error', drop)
      socket.on('close', () => {
        sockets.delete(socket)
        drop()
      })
    }
    client.pipe(broker)
    broker.pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `pulsar://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
