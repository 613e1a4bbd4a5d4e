import { expect, test } from 'bun:test'
import { type FakeBroker, fakeBroker, type Session } from '../testing/fake-broker.ts'
import { Client } from '../client.ts'
import { AuthenticationTls, AuthenticationToken } from './authentication.ts'
import { Connection, type ConnectionSettings } from './connection.ts'

const settingsFor = (broker: FakeBroker): ConnectionSettings => ({
  address: { host: '127.0.0.1', port: broker.port },
  connectTimeoutMs: 2_000,
  operationTimeoutMs: 2_000,
  keepAliveMs: 30_000,
})

const opened = async (broker: FakeBroker, more: Partial<ConnectionSettings> = {}) => {
  const connection = new Connection({ ...settingsFor(broker), ...more })
  await connection.open()
  return connection
}

const whenClosed = (connection: Connection) =>
  new Promise<void>((resolve) => connection.onClose(resolve))

const bodies = (broker: FakeBroker, type: string) =>
  broker.received.filter((command) => command.type === type).map(({ body }) => body)

const text = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array)

test('the broker learns the protocol version and says how large a message may be', async () => {
  await using broker = await fakeBroker()
  const connection = await opened(broker)
  expect(bodies(broker, 'connect')).toMatchObject([
    { protocolVersion: 21, authMethodName: 'none', featureFlags: { supportsAuthRefresh: true } },
  ])
  expect(connection.maxMessageSize).toBe(1_000)
  connection.close()
})

test('replies find their requests in any order', async () => {
  const asked: [Session, number][] = []
  await using broker = await fakeBroker({
    partitionMetadata: (session, { requestId }) => {
      asked.push([session, requestId])
      if (asked.length < 3) return
      for (const [to, id] of asked.toReversed())
        to.tell('partitionMetadataResponse', { requestId: id, partitions: id })
    },
  })
  const connection = await opened(broker)
  const ask = (topic: string) =>
    connection.request('partitionMetadata', { topic }, 'partitionMetadataResponse')
  const replies = await Promise.all([ask('a'), ask('b'), ask('c')])
  expect(replies.map(({ partitions }) => partitions)).toEqual([0, 1, 2])
  connection.close()
})

test('an error of the broker comes typed, with what it says and whether to try again', async () => {
  await using broker = await fakeBroker({
    lookup: (session, { requestId }) =>
      session.tell('lookupResponse', { requestId, response: 2, error: 4, message: 'no rights' }),
    partitionMetadata: (session, { requestId }) =>
      session.tell('error', { requestId, error: 6, message: 'starting' }),
  })
  const connection = await opened(broker)
  expect(connection.request('lookup', { topic: 't' }, 'lookupResponse')).rejects.toMatchObject({
    code: 'authorization',
    retriable: false,
    message: 'lookup: no rights',
  })
  await expect(
    connection.request('partitionMetadata', { topic: 't' }, 'partitionMetadataResponse'),
  ).rejects.toMatchObject({ code: 'service-not-ready', retriable: true })
  connection.close()
})

test('a request nobody answers ends in a timeout, the others do not', async () => {
  await using broker = await fakeBroker({ lookup: () => undefined })
  const connection = await opened(broker, { operationTimeoutMs: 30 })
  const lost = connection.request('lookup', { topic: 't' }, 'lookupResponse')
  await expect(lost).rejects.toMatchObject({ code: 'timeout', retriable: true })
  const { partitions } = await connection.request(
    'partitionMetadata',
    { topic: 't' },
    'partitionMetadataResponse',
  )
  expect(partitions).toBe(0)
  connection.close()
})

test('a refused connection is a typed error that may be tried again', async () => {
  const broker = await fakeBroker()
  const settings = settingsFor(broker)
  await broker[Symbol.asyncDispose]()
  await expect(new Connection(settings).open()).rejects.toMatchObject({
    code: 'connection',
    retriable: true,
  })
})

test('a wrong token is an authentication error that is not tried again', async () => {
  await using broker = await fakeBroker({
    connect: (session) => session.tell('error', { requestId: -1, error: 3, message: 'bad token' }),
  })
  const authentication = new AuthenticationToken({ token: 'wrong' })
  await expect(opened(broker, { authentication })).rejects.toMatchObject({
    code: 'authentication',
    retriable: false,
  })
  expect(text((bodies(broker, 'connect')[0] as { authData: Uint8Array }).authData)).toBe('wrong')
})

test('with TLS authentication the certificate speaks, and the handshake says so', async () => {
  await using broker = await fakeBroker()
  const connection = await opened(broker, { authentication: new AuthenticationTls() })
  expect(bodies(broker, 'connect')).toMatchObject([{ authMethodName: 'tls' }])
  connection.close()
})

test('a challenge is answered with a fresh token on the same connection', async () => {
  let answered = (_token: string): void => undefined
  const answer = new Promise<string>((resolve) => (answered = resolve))
  await using broker = await fakeBroker({
    authResponse: (_session, { response }) => answered(text(response?.authData)),
  })
  let asked = 0
  const authentication = new AuthenticationToken({ token: () => `token ${++asked}` })
  const connection = await opened(broker, { authentication })
  for (const session of broker.sessions) session.tell('authChallenge', {})
  expect(await answer).toBe('token 2')
  expect(broker.sessions.size).toBe(1)
  connection.close()
})

test('a supplier that cannot give a fresh token ends the connection with its reason', async () => {
  await using broker = await fakeBroker({ lookup: () => undefined })
  let asked = 0
  const token = () => {
    if (asked++ > 0) throw new Error('the vault is shut')
    return 'first'
  }
  const connection = await opened(broker, { authentication: new AuthenticationToken({ token }) })
  const pending = connection.request('lookup', { topic: 't' }, 'lookupResponse')
  for (const session of broker.sessions) session.tell('authChallenge', {})
  await expect(pending).rejects.toMatchObject({ code: 'authentication' })
})

test('when the broker goes, requests fail and every resident hears it once', async () => {
  await using broker = await fakeBroker({ lookup: () => broker.cut() })
  const connection = await opened(broker)
  const heard: string[] = []
  const events = {
    onReceipt: () => undefined,
    onSendError: () => undefined,
    onClosed: () => void heard.push('closed'),
  }
  connection.residents.addProducer(1, events)
  const pending = connection.request('lookup', { topic: 't' }, 'lookupResponse')
  await expect(pending).rejects.toMatchObject({ code: 'connection' })
  expect(heard).toEqual(['closed'])
  expect(connection.closed).toBe(true)
  connection.close()
  expect(heard).toEqual(['closed'])
})

test('a broker that closes a producer leaves the connection and the others alone', async () => {
  await using broker = await fakeBroker()
  const connection = await opened(broker)
  const heard: number[] = []
  const events = (id: number, then: () => void) => ({
    onReceipt: () => undefined,
    onSendError: () => undefined,
    onClosed: () => {
      heard.push(id)
      then()
    },
  })
  await new Promise<void>((resolve) => {
    connection.residents.addProducer(1, events(1, resolve))
    connection.residents.addProducer(2, events(2, resolve))
    for (const session of broker.sessions)
      session.tell('closeProducer', { producerId: 1, requestId: -1 })
  })
  expect(heard).toEqual([1])
  expect(connection.closed).toBe(false)
  connection.close()
})

test('a frame that breaks the protocol ends the connection', async () => {
  await using broker = await fakeBroker()
  const connection = await opened(broker)
  const closed = whenClosed(connection)
  for (const session of broker.sessions) session.write(Uint8Array.of(0x7f, 0, 0, 0, 1))
  await closed
  await expect(
    connection.request('lookup', { topic: 't' }, 'lookupResponse'),
  ).rejects.toMatchObject({ code: 'protocol', retriable: false })
})

test('a broker that stays silent is given up, one that answers pings is not', async () => {
  await using silent = await fakeBroker({ ping: () => undefined })
  await whenClosed(await opened(silent, { keepAliveMs: 50 }))
  let pings = 0
  let enough = (): void => undefined
  const answered = new Promise<void>((resolve) => (enough = resolve))
  await using alive = await fakeBroker({
    ping: (session) => {
      session.tell('pong', {})
      if (++pings === 8) enough()
    },
  })
  const connection = await opened(alive, { keepAliveMs: 50 })
  await answered
  expect(connection.closed).toBe(false)
  connection.close()
})

test('what one turn of the event loop writes arrives as one chunk', async () => {
  await using broker = await fakeBroker({ pong: () => undefined })
  const connection = await opened(broker)
  const [session] = broker.sessions
  const chunk = new Promise<number>((resolve) =>
    session!.socket.once('data', (bytes: Uint8Array) => resolve(bytes.length)),
  )
  for (let count = 0; count < 20; count++) connection.tell('pong', {})
  expect(await chunk).toBe(20 * 13)
  connection.close()
})

test('another client at the other end is no broker, and what may be one is tried again', async () => {
  await using broker = await fakeBroker({
    connect: (session) => session.tell('connect', { clientVersion: 'a client' }),
  })
  await expect(opened(broker)).rejects.toMatchObject({ code: 'connection', retriable: true })
})

test('a certificate of the authentication is read for the connection, and has to be there', () => {
  const certificatePath = '/no/such/file.pem'
  const authentication = new AuthenticationTls({ certificatePath, privateKeyPath: certificatePath })
  const serviceUrl = 'pulsar+ssl://localhost'
  expect(() => new Client({ serviceUrl, authentication })).toThrow(certificatePath)
})
