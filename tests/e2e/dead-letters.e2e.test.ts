import { afterAll, beforeAll, expect, test } from 'bun:test'
import { events } from '../../shared/contracts/topology.ts'
import { embeddedBroker } from '../../shared/embedded/broker/embedded-broker.ts'
import { startPostgres } from '../../shared/embedded/postgres/launcher.ts'
import { newId } from '../../shared/kernel/ids.ts'
import { type Envelope, toMessage } from '../../shared/messaging/envelope.ts'
import { openDatabase } from '../../shared/postgres/database.ts'
import { postgresFolder } from '../../shared/runtime/home.ts'
import { aeroIn } from '../support/aero-command.ts'
import { accepted, json } from '../support/client.ts'
import { eventually, type RunningProcess, start, temporaryHome } from '../support/system.ts'

const home = temporaryHome()
const aero = aeroIn(home.folder)
let system: RunningProcess
beforeAll(async () => {
  system = await start(['up'], { home: home.folder, until: ['commandUrl', 'queryUrl'] })
}, 60_000)
afterAll(async () => {
  await system.stop()
  home.remove()
}, 60_000)

/** As a build would that is not here. */
const publish = async (topic: string, envelopes: readonly Envelope[]) => {
  const postgres = await startPostgres({ dataDir: postgresFolder(home.folder) })
  const database = openDatabase(postgres.url, { name: 'another build', max: 4 })
  const broker = embeddedBroker({ database })
  const publisher = broker.publisher()
  for (const envelope of envelopes) await publisher.publish(topic, toMessage(envelope))
  await broker.close()
  await database.close()
  await postgres.stop()
}

const { ProductUpdated } = events
interface Product {
  readonly name: string
  readonly price: number
}

test('an event of a version that nobody knows here is found, edited and redriven, and the view is right', async () => {
  const body = { sku: 'dead-letters', name: 'Blanket', price: 20, stock: 1 }
  const made = await accepted(`${system.commandUrl}/products`, body)
  // What is published here past the relay would else be quicker than the product itself.
  await json(`${made.href}?min_version=1`)
  const change = (sequence: number, version: number, data: object): Envelope => ({
    id: newId(),
    type: ProductUpdated.type.replace(/\d+$/, String(version)),
    source: '/aeroalpes/products',
    time: new Date().toISOString(),
    subject: made.id,
    data: { product_id: made.id, ...data },
    correlationId: 'a correlation',
    sequence,
  })
  const newer = change(2, 9, { price: { amount: '21.00', currency: 'EUR' } })
  await publish(ProductUpdated.topic, [newer, change(3, 1, { name: 'Warm blanket' })])

  const listed = await eventually('the projector has given it up', async () => {
    const { out } = await aero(
      'dead-letters',
      'list',
      '--subscription',
      'projector',
      '--output',
      'json',
    )
    const [letter] = JSON.parse(out) as { waiting: number }[]
    return letter?.waiting === 1 && letter
  })
  expect(listed).toMatchObject({ id: newer.id, key: made.id, reason: 'unknown-version' } as never)
  const id = [newer.id, '--subscription', 'projector']
  const shown = await aero('dead-letters', 'show', ...id)
  expect(shown).toMatchObject({ code: 0, out: expect.stringContaining('a correlation') })
  const lanes = await aero('lanes', 'list', '--subscription', 'projector')
  expect(lanes.out).toContain('closed')
  expect(await aero('lanes', 'retry', 'projector', made.id, '--yes')).toMatchObject({ code: 4 })

  expect(await aero('dead-letters', 'redrive', ...id, '--yes')).toMatchObject({ code: 4 })
  const data = JSON.stringify({ product_id: made.id, price: 21 })
  const type = ['--attribute', `ce_type=${ProductUpdated.type}`]
  expect(
    await aero('dead-letters', 'edit', ...id, '--data', '{"price": 21}', ...type),
  ).toMatchObject({
    code: 2,
    err: expect.stringContaining('/product_id'),
  })
  const edited = await aero('dead-letters', 'edit', ...id, '--data', data, ...type, '--yes')
  expect(edited).toMatchObject({ code: 0, out: expect.stringContaining('data /price: - -> 21') })
  expect(await aero('dead-letters', 'redrive', ...id, '--yes')).toMatchObject({ code: 0 })

  const product = await json<Product>(`${made.href}?min_version=3`)
  expect(product).toMatchObject({ name: 'Warm blanket', price: 21 })
  const { out } = await aero('dead-letters', 'list', '--subscription', 'projector')
  expect(out.trim()).toBe('(none)')
  expect((await aero('dead-letters', 'show', ...id)).code).toBe(3)
}, 60_000)
