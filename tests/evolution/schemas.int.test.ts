import { expect, test } from 'bun:test'
import { checkSchemas } from '../../cli/schema.ts'
import type { Contract } from '../../shared/contracts/contract.ts'
import { commands, events, inTenant } from '../../shared/contracts/topology.ts'
import { contractReader, earlierContracts, readData } from '../../shared/contracts/upcasting.ts'
import { fromMessage, toMessage } from '../../shared/messaging/envelope.ts'
import { type PulsarAdmin, pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { Client } from '../../shared/pulsar/client.ts'
import { Schema } from '../../shared/pulsar/schema/schema.ts'
import { readSettings } from '../../shared/runtime/settings.ts'
import { registeredContracts } from '../../shared/schemas/registered.ts'
import { schemaOf, topicRecord } from '../../shared/schemas/topic-schema.ts'
import { contractPolicies } from '../../shared/topology/policies.ts'
import type { DesiredTopology } from '../../shared/topology/desired.ts'
import { applyTopology, planTopology } from '../../shared/topology/topology.ts'
import { afterPulsar, beforePulsar, needsPulsar } from '../support/needs-pulsar.ts'
import { deleteTenant, ownTenant } from '../support/own-tenant.ts'
import { type TestPulsar, testPulsar } from '../support/pulsar.ts'
import { firstCreateOrder } from './builds.ts'
import { creating } from './house.ts'

const { CreateOrder } = commands
const changed: readonly Contract[] = [CreateOrder, events.OrderCreated]

/** As when the first versions were the latest. */
const definitionBefore = (topic: string) => {
  const orders = Object.values<Contract>({ ...commands, ...events })
  const ofTopic = orders.filter((contract) => contract.topic === topic)
  const first = ofTopic.map((contract) => earlierContracts(contract)[0] ?? contract)
  return JSON.stringify(topicRecord(topic, first))
}
const definitionToday = (topic: string) => schemaOf(topic)!.definition

needsPulsar('a topic of two versions on a real Pulsar', () => {
  const tenant = ownTenant()
  let pulsar: TestPulsar
  let admin: PulsarAdmin
  let client: Client
  const wanted = (definitionOf: (topic: string) => string): DesiredTopology => ({
    tenant,
    namespaces: ['commands', 'events'].map((name) => ({
      name: `${tenant}/${name}`,
      policies: contractPolicies,
    })),
    topics: changed.map(({ topic }) => ({
      name: inTenant(topic, tenant),
      partitions: 1,
      subscriptions: ['reader'],
      schema: { type: 'JSON', definition: definitionOf(topic) },
    })),
  })
  /** What `./aero schema check` says of the two; it throws where it says no. */
  const checked = async () => {
    const said: string[] = []
    const { settings } = readSettings({
      PULSAR_URL: pulsar.url,
      PULSAR_ADMIN_URL: pulsar.adminUrl,
      PULSAR_TENANT: tenant,
    })
    await checkSchemas({ settings, print: (text: string) => said.push(text) } as never, 'json')
    const rows = JSON.parse(said.join('')) as { topic: string; result: string; contract: string }[]
    return rows
      .filter(({ topic }) => topic.endsWith('/orders'))
      .map(({ result, contract }) => `${result} ${contract}`.trim())
      .toSorted()
  }

  beforePulsar(async () => {
    pulsar = await testPulsar()
    admin = pulsarAdmin({ url: pulsar.adminUrl })
    client = new Client({ serviceUrl: pulsar.url, operationTimeoutSeconds: 20 })
    await applyTopology(admin, wanted(definitionBefore))
  })
  afterPulsar(async () => {
    await client?.close()
    await deleteTenant(admin, tenant)
  })

  test('takes the second one beside the first, and builds of both start on it', async () => {
    expect(await checked()).toEqual(changed.map(({ type }) => `compatible ${type}`).toSorted())
    expect(await applyTopology(admin, wanted(definitionToday))).toHaveProperty('applied')
    expect(await checked()).toEqual(['same', 'same'])
    for (const { topic, module, name } of changed) {
      const [latest] = (await admin.schemas.all(inTenant(topic, tenant))).toSorted(
        (one, other) => other.version - one.version,
      )
      const known = registeredContracts(latest?.data ?? '')?.map(
        (record) => `${record.namespace}.${record.name}`,
      )
      for (const version of [1, 2])
        expect(known).toContain(`aeroalpes.${module}.v${version}.${name}`)
    }
    expect(await planTopology(admin, wanted(definitionBefore))).toEqual([])
    expect(await planTopology(admin, wanted(definitionToday))).toEqual([])
  })

  test('takes commands from producers of both at once, and one reader gets them all in order', async () => {
    await applyTopology(admin, wanted(definitionToday))
    const topic = inTenant(CreateOrder.topic, tenant)
    const producerOf = (definition: string) =>
      client.createProducer({ topic, schema: Schema.json(JSON.parse(definition)) })
    const old = await producerOf(definitionBefore(CreateOrder.topic))
    const current = await producerOf(definitionToday(CreateOrder.topic))
    const order = crypto.randomUUID()
    const sent = Array.from({ length: 6 }, (_, n) =>
      n % 2
        ? creating(order, CreateOrder.type, { currency: 'COP' })
        : creating(order, firstCreateOrder.type),
    )
    for (const [n, envelope] of sent.entries()) {
      const { key, properties } = toMessage(envelope)
      const value = envelope.data
      await (n % 2 ? current : old).send({ value, partitionKey: key, properties })
    }
    const reader = await client.subscribe({ topic, subscription: 'reader' })
    const contracts = contractReader([CreateOrder])
    const read: unknown[] = []
    for (const _ of sent) {
      const message = await reader.receive(10_000)
      const envelope = fromMessage({
        payload: message.getData(),
        properties: message.getProperties(),
      })
      const data = readData(contracts.find(envelope.type)!, envelope.data)
      read.push([envelope.id, data.success && data.data.currency])
    }
    expect(read).toEqual(sent.map(({ id }, n) => [id, n % 2 ? 'COP' : 'EUR']))
  })
})
