import { expect, test } from 'bun:test'
import { z } from 'zod'
import { eventsOf } from './contract.ts'
import { contractReader, earlierContracts, readData, upcastData, upcastFrom } from './upcasting.ts'

const event = eventsOf('trials')
const first = z.strictObject({ id: z.string(), total: z.string() })
const second = first.extend({ currency: z.string() })
const third = second.extend({ lines: z.array(z.string()) })

const Tried = event('Tried', third, 3, {
  1: upcastFrom(first, (data) => ({ ...data, currency: 'EUR' })),
  2: upcastFrom(second, (data) => ({ ...data, lines: [] })),
})
const TriedAgain = event('TriedAgain', first)
const reader = contractReader([Tried, TriedAgain])

const read = (type: string, data: unknown): unknown => {
  const found = reader.find(`aeroalpes.trials.${type}`)
  if (!found) return 'no contract'
  const result = readData(found, data)
  return result.success ? result.data : result.error.issues[0]?.path
}

const slugOf = (work: () => unknown) => {
  try {
    return work()
  } catch (error) {
    return (error as { slug?: string }).slug
  }
}

test('each version before is read as one of today, step by step', () => {
  const [id, total] = ['t1', '10.00']
  const today = { id, total, currency: 'EUR', lines: [] }
  expect(read('Tried.v1', { id, total })).toEqual(today)
  expect(read('Tried.v2', { id, total, currency: 'COP' })).toEqual({ ...today, currency: 'COP' })
  expect(read('Tried.v3', today)).toEqual(today)
})

test('data that its own version does not know is refused where it is wrong', () => {
  expect(read('Tried.v1', { id: 't1', total: 10 })).toEqual(['total'])
  expect(read('Tried.v2', { id: 't1', total: '10.00' })).toEqual(['currency'])
  expect(read('Tried.v3', { id: 't1', total: '10.00', currency: 'EUR' })).toEqual(['lines'])
})

test('a step that leads to nothing readable is found out', () => {
  const Wrong = event('Wrong', second, 2, { 1: upcastFrom(first, ({ id }) => ({ id })) })
  const found = contractReader([Wrong]).find('aeroalpes.trials.Wrong.v1')
  expect(found && readData(found, { id: 't1', total: '10.00' }).success).toBe(false)
})

test('a version that is newer, or older than any step, is no message of another kind', () => {
  expect(slugOf(() => read('Tried.v4', {}))).toBe('unknown-version')
  const Short = event('Tried', third, 3, { 2: upcastFrom(second, (data) => data) })
  const short = contractReader([Short])
  expect(slugOf(() => short.find('aeroalpes.trials.Tried.v1'))).toBe('unknown-version')
  expect(short.find('aeroalpes.trials.Tried.v2')?.version).toBe(2)
})

test.each([
  'Tried',
  'Tried.v',
  'Tried.v0',
  'Tried.v01',
  'Tried.v1x',
  'TriedTwice.v1',
  'Tried.v1.v1',
])('%s is no message of these contracts', (type) => {
  expect(read(type, {})).toBe('no contract')
  expect(reader.names(`aeroalpes.trials.${type}`)).toBe(false)
})

test('a contract is named by messages of every version, also by those that it cannot read', () => {
  const versions = ['Tried.v1', 'Tried.v3', 'Tried.v4', 'TriedAgain.v1']
  for (const type of versions) expect(reader.names(`aeroalpes.trials.${type}`)).toBe(true)
})

test('what reads the form of today gets it, or hears which field of which version was wrong', () => {
  const data: unknown = { id: 'a', total: '1', currency: 'X' }
  const today: unknown = { id: 'a', total: '1', currency: 'X', lines: [] }
  expect(upcastData({ contract: Tried, version: 2 }, data)).toEqual(today)
  expect(() => upcastData({ contract: Tried, version: 1 }, { id: 'a' })).toThrow(
    'Tried of version 1 at /total',
  )
})

test('the contracts of before are those that every step leads on from, oldest first', () => {
  const [one, two, ...more] = earlierContracts(Tried)
  expect([one?.type, two?.type, more]).toEqual([
    'aeroalpes.trials.Tried.v1',
    'aeroalpes.trials.Tried.v2',
    [],
  ])
  expect([one?.schema === first, two?.schema === second]).toEqual([true, true])
  const gap = event('Tried', third, 3, { 1: upcastFrom(first, (data) => data) })
  expect(earlierContracts(gap)).toEqual([])
})
