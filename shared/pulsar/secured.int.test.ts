import { beforeAll, expect, test } from 'bun:test'
import { needsOwnPulsar } from '../../tests/support/needs-pulsar.ts'
import { pulsarStartMs, type SecuredPulsar, securedPulsar } from '../../tests/support/pulsar.ts'
import { pulsarAdmin } from './admin/admin.ts'
import { Client, type ClientOptions } from './client.ts'
import { AuthenticationTls, AuthenticationToken } from './connection/authentication.ts'
import type { Producer } from './producer/producer.ts'
import { publishersOf } from './testing/real-setup.ts'

/** Leaves the machine time for others while the test waits for what the broker does. */
const sendPaced = async (producer: Producer) => {
  await producer.send({ data: new Uint8Array(1) })
  await new Promise((resolve) => setTimeout(resolve, 20))
}

needsOwnPulsar('the client on a secured Pulsar', () => {
  let pulsar: SecuredPulsar
  let trusting: Partial<ClientOptions>

  beforeAll(async () => {
    pulsar = await securedPulsar()
    trusting = { tlsTrustCerts: pulsar.authority }
  }, pulsarStartMs)

  const clientOf = (options: Partial<ClientOptions>, token?: string | (() => string)) =>
    new Client({
      serviceUrl: pulsar.url,
      authentication: new AuthenticationToken({ token: token ?? pulsar.adminToken }),
      ...options,
    })

  const publish = async (options: Partial<ClientOptions>, token?: string) => {
    await using client = clientOf(options, token)
    const producer = await client.createProducer({ topic: 'secured' })
    return (await producer.send({ data: new Uint8Array(3) })).duplicate ? 'duplicate' : 'stored'
  }

  test('over TLS, with a token that is good, messages are stored', async () => {
    expect(await publish(trusting)).toBe('stored')
  })

  test('a certificate of an authority that is not trusted is refused, at once', async () => {
    const refused = { code: 'certificate', retriable: false }
    await expect(publish({})).rejects.toMatchObject(refused)
    expect(await publish({ tlsAllowInsecureConnection: true })).toBe('stored')
  })

  test('a certificate that bears another name is refused, at once', async () => {
    // The same address, written as nobody would certify it.
    const serviceUrl = pulsar.url.replace('127.0.0.1', '127.1')
    const elsewhere = { ...trusting, serviceUrl }
    const refused = { code: 'certificate', retriable: false }
    await expect(publish(elsewhere)).rejects.toMatchObject(refused)
    expect(await publish({ ...elsewhere, tlsValidateHostname: false })).toBe('stored')
  })

  test('a client may show a certificate instead of a token', async () => {
    const authentication = new AuthenticationTls(pulsar.adminCertificate)
    expect(await publish({ ...trusting, authentication })).toBe('stored')
    const { certificatePath, privateKeyPath } = pulsar.adminCertificate
    const paths = {
      tlsCertificateFilePath: certificatePath,
      tlsPrivateKeyFilePath: privateKeyPath,
    }
    const bare = { ...trusting, authentication: new AuthenticationTls() }
    expect(await publish({ ...bare, ...paths })).toBe('stored')
    await expect(publish(bare)).rejects.toMatchObject({ code: 'authentication', retriable: false })
  })

  test('a wrong token and an expired one are authentication errors, at once', async () => {
    const refused = { code: 'authentication', retriable: false }
    for (const token of ['no.such.token', pulsar.token('admin', -10)])
      await expect(publish(trusting, token)).rejects.toMatchObject(refused)
  })

  test('a role without rights is an authorization error', async () => {
    await expect(publish(trusting, pulsar.token('nobody'))).rejects.toMatchObject({
      code: 'authorization',
      retriable: false,
    })
  })

  test('tokens that expire are renewed on the same connection, and nothing sent is lost', async () => {
    const { plainAdminUrl: url, adminToken: token } = pulsar
    const admin = pulsarAdmin({ url, token })
    const topic = 'persistent://public/default/renewed'
    let given = 0
    await using client = clientOf(trusting, () => {
      given++
      return pulsar.token('admin', 2)
    })
    const producer = await client.createProducer({ topic })
    const [before] = await publishersOf(admin, topic)
    let sent = 0
    // The third one: who does not answer a challenge is thrown out before it comes to the next.
    for (; given < 3; sent++) await sendPaced(producer)
    expect(producer.stats()).toEqual({ pending: 0, sent, failed: 0 })
    const [after] = await publishersOf(admin, topic)
    expect(after?.address).toBe(before?.address)
  }, 20_000)

  test('a token that expires and is never renewed ends what uses it with an authentication error', async () => {
    await using client = clientOf(
      { ...trusting, operationTimeoutSeconds: 1 },
      pulsar.token('admin', 2),
    )
    const producer = await client.createProducer({ topic: 'secured', sendTimeoutMs: 0 })
    const sendAll = async () => {
      for (;;) await sendPaced(producer)
    }
    await expect(sendAll()).rejects.toMatchObject({ code: 'authentication', retriable: false })
  }, 20_000)
})
