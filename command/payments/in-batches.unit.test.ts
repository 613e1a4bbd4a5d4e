import { expect, test } from 'bun:test'
import { inBatches } from './in-batches.ts'

test('what comes while one batch is at work goes together in the next', async () => {
  const batches: (readonly number[])[] = []
  const first = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const add = inBatches(async (items: readonly number[]) => {
    batches.push(items)
    begun.resolve()
    if (batches.length === 1) await first.promise
  })
  const one = add(1)
  await begun.promise
  const others = [add(2), add(3)]
  first.resolve()
  await Promise.all([one, ...others])
  expect(batches).toEqual([[1], [2, 3]])
})

test('a batch that fails fails its own items, and not the next', async () => {
  const add = inBatches(async ([item]: readonly string[]) => {
    if (item === 'bad') throw new Error('no')
  })
  await expect(add('bad')).rejects.toThrow('no')
  await add('good')
})
