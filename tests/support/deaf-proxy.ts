import { connect, createServer } from 'node:net'

export interface DeafProxy {
  readonly url: string
  /** While true, nobody is told that the server has closed a connection. */
  deaf: boolean
  close(): void
}

/** A way to the server at `url` on which the end of a connection can be lost, as in real networks. */
export const deafProxy = async (url: string): Promise<DeafProxy> => {
  const target = new URL(url)
  const { port, hostname } = target
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    client.on('data', (data) => void upstream.write(data))
    upstream.on('data', (data) => void (proxy.deaf || client.write(data)))
    client.on('error', () => {}).on('close', () => upstream.destroy())
    upstream.on('error', () => {}).on('close', () => proxy.deaf || client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address === 'object' && address) target.port = String(address.port)
  const proxy: DeafProxy = { url: target.href, deaf: false, close: () => server.close() }
  return proxy
}
