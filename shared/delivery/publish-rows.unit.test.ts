import { expect, test } from 'bun:test'
import type { OutboxRow } from './outbox.ts'
import { publishRows } from './publish-rows.ts'

const row = (id: string, topic: string, key = 'k'): OutboxRow => ({
  id,
  topic,
  key,
  share: 0,
  payload: new Uint8Array(),
  properties: {},
})

test('rows of one key go to a topic one after another, and to several topics together', async () => {
  const waves: string[][] = []
  let wave: string[] | undefined
  const { stored } = await publishRows(
    async ({ id }) => {
      if (!wave) {
        waves.push((wave = []))
        setTimeout(() => (wave = undefined))
      }
      wave.push(id)
      await new Promise((resolve) => setTimeout(resolve))
      return id
    },
    [row('1', 'a'), row('2', 'b'), row('3', 'a'), row('4', 'b', 'other'), row('5', 'a')],
  )
  expect(waves).toEqual([['1', '2', '4'], ['3'], ['5']])
  expect(stored).toEqual(['1', '2', '4', '3', '5'])
})

test('what fails stops what follows it on its topic, and nothing else', async () => {
  const { stored, failed } = await publishRows(
    ({ id }) => (id === '1' ? Promise.reject(new Error('away')) : Promise.resolve(id)),
    [row('1', 'a'), row('2', 'a'), row('3', 'b'), row('4', 'b'), row('5', 'a', 'other')],
  )
  expect(stored).toEqual(['3', '5', '4'])
  expect(failed.map(({ row: { id } }) => id)).toEqual(['1'])
})
