import { expect, test } from 'bun:test'
import { adminUrlOf } from './broker-on.ts'
import { pulsarBroker } from './pulsar-broker.ts'

test('Key_Shared is refused for topics whose batches mix keys', async () => {
  const broker = pulsarBroker({ serviceUrl: 'pulsar://127.0.0.1:1', tenant: 'aeroalpes' })
  const options = { topics: ['t'], subscription: 's', type: 'Key_Shared' } as const
  await expect(broker.subscribe(options)).rejects.toMatchObject({ slug: 'key-shared-refused' })
  await broker.close()
})

test('nothing is made of a broker that is closed', async () => {
  const broker = pulsarBroker({ serviceUrl: 'pulsar://127.0.0.1:1', tenant: 'aeroalpes' })
  await broker.close()
  expect(() => broker.publisher()).toThrow('the broker is closed')
})

test('the admin interface is looked for on the first host', () => {
  expect(adminUrlOf('pulsar://one:6650,two:6650')).toBe('http://one:8080')
  expect(adminUrlOf('pulsar+ssl://[::1]:6651')).toBe('https://[::1]:8443')
})
