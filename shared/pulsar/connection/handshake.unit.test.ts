import { expect, test } from 'bun:test'
import { Client } from '../client.ts'
import { fakeBroker } from '../testing/fake-broker.ts'
import { AuthenticationToken } from './authentication.ts'

test('a supplier of tokens that hangs costs one attempt, and not every one after it', async () => {
  await using broker = await fakeBroker()
  const supplier = { hangs: true }
  const token = () => (supplier.hangs ? new Promise<string>(() => undefined) : 'fresh')
  await using client = new Client({
    serviceUrl: broker.url,
    authentication: new AuthenticationToken({ token }),
    connectionTimeoutMs: 1000,
    operationTimeoutSeconds: 1,
  })
  await expect(client.getPartitionsForTopic('t')).rejects.toMatchObject({ code: 'timeout' })
  supplier.hangs = false
  expect(await client.getPartitionsForTopic('t')).toHaveLength(1)
})
