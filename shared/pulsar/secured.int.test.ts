import { beforeAll, expect, test } from 'bun:test'
import { needsOwnPulsar } from '../../tests/support/needs-pulsar.ts'
import { pulsarStartMs, type SecuredPulsar, securedPulsar } from '../../tests/support/pulsar.ts'
import { Client, type ClientOptions } from './client.ts'
import { AuthenticationToken } from './connection/authentication.ts'

needsOwnPulsar('the client on a secured Pulsar', () => {
  let pulsar: SecuredPulsar

  beforeAll(async () => {
    pulsar = await securedPulsar()
  }, pulsarStartMs)

  const publish = async (options: Partial<ClientOptions>, token = pulsar.adminToken) => {
    const authentication = new AuthenticationToken({ token })
    const client = new Client({ serviceUrl: pulsar.url, authentication, ...options })
    try {
      const producer = await client.createProducer({ topic: 'secured' })
      return await producer.send({ data: new Uint8Array(3) })
    } finally {
      await client.close()
    }
  }

  test('over TLS, with a token that is good, messages are stored', async () => {
    const { duplicate } = await publish({ tlsTrustCerts: pulsar.authority })
    expect(duplicate).toBe(false)
  })

  test('a certificate of an authority that is not trusted is refused', async () => {
    const hasty = { operationTimeoutSeconds: 0.1 }
    await expect(publish(hasty)).rejects.toMatchObject({ code: 'connection' })
  })

  test('a wrong token is an authentication error, at once', async () => {
    const trusting = { tlsTrustCerts: pulsar.authority }
    await expect(publish(trusting, 'no.such.token')).rejects.toMatchObject({
      code: 'authentication',
      retriable: false,
    })
  })

  test('a role without rights is an authorization error', async () => {
    const trusting = { tlsTrustCerts: pulsar.authority }
    await expect(publish(trusting, pulsar.token('nobody'))).rejects.toMatchObject({
      code: 'authorization',
      retriable: false,
    })
  })
})
