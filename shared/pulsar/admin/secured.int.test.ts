import { expect, test } from 'bun:test'
import { beforePulsar, needsOwnPulsar } from '../../../tests/support/needs-pulsar.ts'
import { type SecuredPulsar, securedPulsar } from '../../../tests/support/pulsar.ts'
import { kindOf, newNamespace } from '../../../tests/support/pulsar-admin.ts'
import { pulsarAdmin } from './admin.ts'

needsOwnPulsar('the admin client on a secured Pulsar', () => {
  let pulsar: SecuredPulsar
  const overTls = (authority: string) => (url: string, init: RequestInit) =>
    fetch(url, { ...init, tls: { ca: authority } })
  const as = (token: string) =>
    pulsarAdmin({ url: pulsar.adminUrl, token, fetch: overTls(pulsar.authority) })

  beforePulsar(async () => {
    pulsar = await securedPulsar()
  }, true)

  test('over TLS, the token of a superuser may do everything', async () => {
    expect(await as(pulsar.adminToken).brokers.isHealthy()).toBe(true)
    expect(await as(pulsar.adminToken).tenants.list()).toContain('public')
  })

  test('a role may do what it was granted, and nothing before', async () => {
    const admin = as(pulsar.adminToken)
    const namespace = await newNamespace(admin)
    const topic = `persistent://${namespace}/t`
    await admin.topics.create(topic)
    const worker = as(pulsar.token('worker'))
    expect(await kindOf(worker.topics.partitions(topic))).toBe('unauthorised')
    await admin.namespaces.grantPermission(namespace, 'worker', ['consume'])
    expect(await worker.topics.partitions(topic)).toBe(0)
    expect(await kindOf(worker.tenants.list())).toBe('unauthorised')
  })

  test.each([
    ['no token', () => ''],
    ['a token of another key', () => `${pulsar.adminToken.slice(0, -6)}AAAAAA`],
    ['a token that has expired', () => pulsar.token('admin', -10)],
  ])('%s is not accepted', async (_, token) => {
    expect(await kindOf(as(token()).tenants.list())).toBe('unauthorised')
  })

  test('a token that is fetched for each call may change', async () => {
    const supplied = [pulsar.token('admin', -10), pulsar.adminToken]
    const { adminUrl: url, authority } = pulsar
    const token = async () => supplied.shift()!
    const admin = pulsarAdmin({ url, token, fetch: overTls(authority) })
    expect(await kindOf(admin.tenants.list())).toBe('unauthorised')
    expect(await admin.tenants.list()).toContain('public')
  })

  test('a certificate of an unknown authority is no Pulsar', async () => {
    const admin = pulsarAdmin({ url: pulsar.adminUrl, token: pulsar.adminToken })
    expect(await kindOf(admin.tenants.list())).toBe('unreachable')
  })
})
