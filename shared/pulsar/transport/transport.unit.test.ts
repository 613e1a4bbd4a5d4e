import { expect, test } from 'bun:test'
import { connect, createServer, type Socket } from 'node:net'
import { Transport } from './transport.ts'

const mebibyte = 1024 * 1024

/** A transport and the other end of its socket, which reads nothing until `read` is called. */
const pair = async (endMs?: number) => {
  const { promise: accepted, resolve: accept } = Promise.withResolvers<Socket>()
  const server = createServer({ pauseOnConnect: true }, accept)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const socket = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  const other = await accepted
  const drained = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const events = {
    onData: () => undefined,
    onDrained: () => drained.resolve(),
    onClose: () => closed.resolve(),
  }
  const transport = new Transport(socket, events, endMs)
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return {
    transport,
    socket,
    drained: drained.promise,
    closed: closed.promise,
    turn,
    read: (onBytes: (bytes: Uint8Array) => void) =>
      void other.on('data', (chunk: Buffer) => onBytes(chunk)).resume(),
    ended: new Promise<void>((resolve) => other.once('end', resolve)),
    [Symbol.asyncDispose]: async () => {
      transport.close()
      await closed.promise
      other.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A frame of 64 KiB that says which one it is. */
const frameOf = (index: number): Uint8Array => {
  const frame = new Uint8Array(65_536)
  new DataView(frame.buffer).setUint32(0, index)
  return frame
}

test('a slow reader makes it congested', async () => {
  await using all = await pair()
  for (let written = 0; !all.transport.congested; written++) {
    expect(written).toBeLessThan(2_000)
    all.transport.write(frameOf(written))
    if (written % 16 === 15) await all.turn()
  }
})

test('of a large burst the socket, which copies, holds a small part', async () => {
  await using all = await pair()
  for (let index = 0; index < 500; index++) all.transport.write(frameOf(index))
  await all.turn()
  expect(all.socket.writableLength).toBeGreaterThan(0)
  expect(all.socket.writableLength).toBeLessThanOrEqual(mebibyte + 65_536)
})

test('what one turn writes is no congestion, however much it is', async () => {
  await using all = await pair()
  all.read(() => undefined)
  for (let index = 0; index < 100; index++) all.transport.write(frameOf(index))
  expect(all.transport.congested).toBe(false)
})

test('when the reader reads again it says so, and everything arrives in order', async () => {
  await using all = await pair()
  let written = 0
  while (!all.transport.congested) {
    all.transport.write(frameOf(written++))
    if (written % 16 === 0) await all.turn()
  }
  const chunks: Uint8Array[] = []
  const { promise: whole, resolve } = Promise.withResolvers<void>()
  let left = written * 65_536
  all.read((chunk) => {
    chunks.push(chunk)
    left -= chunk.length
    if (left === 0) resolve()
  })
  await all.drained
  expect(all.transport.congested).toBeFalse()
  await whole
  const bytes = new DataView(new Uint8Array(Buffer.concat(chunks)).buffer)
  const seen = Array.from({ length: written }, (_, index) => bytes.getUint32(index * 65_536))
  expect(seen).toEqual([...seen.keys()])
})

test('ending sends what is still queued', async () => {
  await using all = await pair()
  let bytes = 0
  for (let index = 0; index < 100; index++) all.transport.write(frameOf(index))
  all.transport.end()
  all.read((chunk) => void (bytes += chunk.length))
  await all.ended
  expect(bytes).toBe(100 * 65_536)
})

test('ending does not wait for ever for an other end that reads nothing', async () => {
  await using all = await pair(20)
  for (let index = 0; index < 500; index++) all.transport.write(frameOf(index))
  await all.turn()
  all.transport.end()
  await all.closed
  expect(all.socket.destroyed).toBe(true)
}, 3_000)
