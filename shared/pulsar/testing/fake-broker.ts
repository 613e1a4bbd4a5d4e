import { createServer, type Socket } from 'node:net'
import { type Body, type CommandType, decodeCommand } from '../wire/commands.ts'
import { ByteReader } from '../wire/byte-reader.ts'
import { type Entry, readEntry } from '../wire/frame-reader.ts'
import { FrameSplitter } from '../wire/frame-splitter.ts'
import { commandFrame } from '../wire/frame-writer.ts'

/** One client's connection, seen from the broker. */
export interface Session {
  readonly socket: Socket
  tell<K extends CommandType>(type: K, body: Body<K>): void
  write(bytes: Uint8Array): void
}

type Reaction<K extends CommandType> = (
  session: Session,
  body: Body<K>,
  entry: Entry | undefined,
) => void

export type Script = { readonly [K in CommandType]?: Reaction<K> }

/** Answers as a broker would with one topic that takes all; tests script what they want otherwise. */
const usual = (port: () => number): Script => ({
  connect: (session) =>
    session.tell('connected', {
      serverVersion: 'fake',
      protocolVersion: 21,
      maxMessageSize: 1_000,
    }),
  ping: (session) => session.tell('pong', {}),
  partitionMetadata: (session, { requestId }) =>
    session.tell('partitionMetadataResponse', { requestId, partitions: 0, response: 0 }),
  lookup: (session, { requestId }) =>
    session.tell('lookupResponse', {
      requestId,
      response: 1,
      authoritative: true,
      brokerServiceUrl: `pulsar://127.0.0.1:${port()}`,
    }),
  producer: (session, { requestId, producerName }) =>
    session.tell('producerSuccess', {
      requestId,
      producerName: producerName ?? 'fake-1',
      lastSequenceId: -1,
    }),
  subscribe: (session, { requestId }) => session.tell('success', { requestId }),
  unsubscribe: (session, { requestId }) => session.tell('success', { requestId }),
  closeProducer: (session, { requestId }) => session.tell('success', { requestId }),
  closeConsumer: (session, { requestId }) => session.tell('success', { requestId }),
})

/** A broker in this process, for faults a real one cannot be made to show. */
export interface FakeBroker extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** Every command received, in order. */
  readonly received: readonly { readonly type: string; readonly body: unknown }[]
  readonly sessions: ReadonlySet<Session>
  /** Resolves when `condition` holds; looked at whenever a command came in. */
  until(condition: () => boolean): Promise<void>
  /** Adds to what it answers, from now on. */
  script(more: Script): void
  /** Leaves the next command of that type without an answer. */
  forget(type: CommandType): void
  /** Ends every connection at once, as a broker killed would. */
  cut(): void
}

export const fakeBroker = async (script: Script = {}): Promise<FakeBroker> => {
  const received: { type: string; body: unknown }[] = []
  const sessions = new Set<Session>()
  const watch = conditions()
  const forgotten = new Set<CommandType>()
  let port = 0
  let reactions: Script = { ...usual(() => port), ...script }
  const server = createServer((socket) => {
    const session: Session = {
      socket,
      tell: (type, body) => void socket.write(commandFrame(type, body)),
      write: (bytes) => void socket.write(bytes),
    }
    sessions.add(session)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sessions.delete(session)
      watch.look()
    })
    const splitter = new FrameSplitter(10_000_000, (bytes, start, end) => {
      const size = new ByteReader(bytes, start, end).uint32be()
      const command = decodeCommand(new ByteReader(bytes, start + 4, start + 4 + size))
      received.push(command)
      setImmediate(watch.look)
      if (command.type === 'unknown' || forgotten.delete(command.type)) return
      const entry =
        command.type === 'send'
          ? readEntry(new ByteReader(bytes, start + 4 + size, end))
          : undefined
      const react = reactions[command.type] as Reaction<CommandType> | undefined
      react?.(session, command.body, entry)
    })
    socket.on('data', (chunk: Uint8Array) => splitter.push(chunk))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  port = typeof address === 'object' && address ? address.port : 0
  const cut = () => {
    for (const { socket } of sessions) socket.destroy()
  }
  return {
    port,
    url: `pulsar://127.0.0.1:${port}`,
    received,
    sessions,
    until: watch.until,
    script: (more) => {
      reactions = { ...reactions, ...more }
    },
    forget: (type) => void forgotten.add(type),
    cut,
    [Symbol.asyncDispose]: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const conditions = () => {
  const waiting = new Map<() => boolean, () => void>()
  const look = () => {
    for (const [condition, resolve] of waiting) {
      if (!condition()) continue
      waiting.delete(condition)
      resolve()
    }
  }
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      waiting.set(condition, resolve)
      look()
    })
  return { look, until }
}
