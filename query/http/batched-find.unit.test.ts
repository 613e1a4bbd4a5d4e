import { expect, test } from 'bun:test'
import { batchedFind } from './batched-find.ts'

interface Row {
  readonly id: string
  readonly version: number
}

/** A table whose answers come when the test lets them. */
const slowTable = () => {
  const asked: (readonly string[])[] = []
  const answers: ((rows: readonly Row[] | Error) => void)[] = []
  const find = batchedFind<Row>((ids) => {
    asked.push(ids)
    return new Promise((resolve, reject) =>
      answers.push((rows) => (rows instanceof Error ? reject(rows) : resolve(rows))),
    )
  })
  const answer = async (rows: readonly Row[] | Error) => {
    while (answers.length === 0) await Promise.resolve()
    answers.shift()?.(rows)
  }
  return { asked, find, answer }
}

test('what is asked for at once is one look, and everybody gets their own row', async () => {
  const { asked, find, answer } = slowTable()
  const found = Promise.all([find('a'), find('b'), find('a'), find('gone')])
  await answer([
    { id: 'b', version: 2 },
    { id: 'a', version: 1 },
  ])
  expect((await found).map((row) => row?.version)).toEqual([1, 2, 1, undefined])
  expect(asked).toEqual([['a', 'b', 'gone']])
})

test('who asks while a look is under way waits for the next one, which is newer', async () => {
  const { asked, find, answer } = slowTable()
  const first = find('a')
  await Promise.resolve()
  await Promise.resolve()
  expect(asked).toHaveLength(1)
  const second = Promise.all([find('a'), find('b')])
  await answer([{ id: 'a', version: 1 }])
  expect(await first).toEqual({ id: 'a', version: 1 })
  await answer([{ id: 'a', version: 2 }])
  expect(await second).toEqual([{ id: 'a', version: 2 }, undefined])
  expect(asked).toEqual([['a'], ['a', 'b']])
})

test('a failed look fails those who asked for it, and no later one', async () => {
  const { find, answer } = slowTable()
  const failing = Promise.allSettled([find('a'), find('b')])
  await answer(new Error('away'))
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const later = find('a')
  await answer([{ id: 'a', version: 1 }])
  expect(await later).toEqual({ id: 'a', version: 1 })
})
