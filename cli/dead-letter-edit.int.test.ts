import { expect, test } from 'bun:test'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '../shared/kernel/ids.ts'
import type { ReceivedMessage } from '../shared/messaging/port.ts'
import { orderCreated } from '../tests/support/order-events.ts'
import { parked, receivedFrom } from '../tests/support/parked.ts'
import { exitOf, twoDatabases } from '../tests/support/two-databases.ts'
import { redrive } from './dead-letter-changes.ts'
import { edit, type EditOptions } from './dead-letter-edit.ts'
import { printDeadLetter } from './dead-letters.ts'

const house = twoDatabases()
const created = orderCreated(newId())
const data = JSON.stringify(created.data)
const { type: today } = created
const newer = today.replace(/\d+$/, '9')
const message = receivedFrom('persistent://aeroalpes/events/orders', created)

const address = {
  recipient: 'Luz Mora',
  street: 'Calle 1',
  city: 'Bogotá',
  postal_code: '110111',
  country: 'CO',
}

/** Gives up the message with these things about it changed. */
const givenUp = async (changed: Partial<ReceivedMessage>) =>
  parked(house.read, 'projector', [{ ...message, ...changed }], { slug: 'a-fault', detail: 'no' })
const typed = (ce_type: string) => ({ properties: { ...message.properties, ce_type } })
const editing = (options: EditOptions) =>
  exitOf(edit(house.operation(), { id: created.id }, { yes: true, ...options }))
const shown = async (personal = false) => {
  house.printed()
  await printDeadLetter(house.operation(), { id: created.id }, { output: 'json', personal })
  const [letter] = JSON.parse(house.printed()) as {
    readonly readable: string
    readonly data: unknown
    readonly attributes: Readonly<Record<string, string>>
  }[]
  return letter
}

test('what is changed is shown before', async () => {
  await givenUp(typed(newer))
  await editing({
    attribute: [`ce_type=${today}`, 'ce_owner=somebody'],
    data: JSON.stringify({ ...(created.data as object), total: 43, shipping_address: address }),
    dryRun: true,
  })
  const said = house.printed().split('\n')
  expect(said.slice(0, -1)).toEqual([
    `attribute ce_type: "${newer}" -> "${today}"`,
    'attribute ce_owner: - -> "somebody"',
    'data /total: 42.5 -> 43',
    'data /shipping_address: null -> -',
    'data /shipping_address/recipient: (hidden)',
    'data /shipping_address/street: (hidden)',
    'data /shipping_address/city: (hidden)',
    'data /shipping_address/postal_code: (hidden)',
    'data /shipping_address/country: - -> "CO"',
  ])
  expect(said.at(-1)).toStartWith('would change it so, for projector alone')
  expect((await shown())?.readable).not.toBe('yes')
})

test('one of a version that nobody knows is read as of one that is known', async () => {
  await givenUp(typed(newer))
  expect(await editing({ attribute: [`ce_type=${today}`] })).toEqual({ code: 0, message: '' })
  expect(await shown()).toMatchObject({ readable: 'yes', data: created.data as never })
  await redrive(house.operation(), { id: created.id }, { yes: true })
})

test('what does not follow its contract is not stored, and says where', async () => {
  await givenUp({})
  const wrong: readonly (readonly [string, EditOptions])[] = [
    ['is not JSON', { data: '{"cut' }],
    ['/order_id', { data: '{"order_id": 7}' }],
    ['/order_id stays', { data: data.replaceAll(created.subject, newId()) }],
    ['newer than version', { attribute: [`ce_type=${newer}`] }],
    ['is called aeroalpes.users.X.v1', { attribute: ['ce_type=aeroalpes.users.X.v1'] }],
    ['ce_sequence', { attribute: ['ce_sequence=first'] }],
    ['that stays', { attribute: ['ce_id=another'] }],
    ['that stays', { attribute: ['ce_subject=another'] }],
    ['name=value', { attribute: ['ce_type'] }],
    ['either', { data, file: 'both' }],
    ['cannot read', { file: join(tmpdir(), newId()) }],
    ['say what to change', {}],
  ]
  for (const [words, options] of wrong)
    expect(await editing(options)).toEqual({ code: 2, message: expect.stringContaining(words) })
  expect(await shown()).toMatchObject({
    data: created.data as never,
    attributes: { ce_type: today },
  })
})

test('what it says already is refused', async () => {
  await givenUp({})
  expect((await editing({ data })).code).toBe(4)
})

test('an event that does not say which of its aggregate it is cannot be read before it does', async () => {
  const { ce_sequence: _, ...properties } = message.properties
  await givenUp({ properties })
  expect((await shown())?.readable).toContain('ce_sequence')
  await editing({ attribute: ['ce_sequence=1'] })
  expect((await shown())?.readable).toBe('yes')
})

test('what is no JSON is shown to those who ask for it, and replaced from a file', async () => {
  await givenUp({ payload: new TextEncoder().encode('{"cut') })
  expect((await shown())?.data).toBe('5 bytes that are not JSON')
  expect((await shown(true))?.data).toBe('{"cut')
  const file = join(tmpdir(), newId())
  writeFileSync(file, data)
  expect((await editing({ file })).code).toBe(0)
  rmSync(file)
  expect(await shown()).toMatchObject({ readable: 'yes', data: created.data as never })
})
