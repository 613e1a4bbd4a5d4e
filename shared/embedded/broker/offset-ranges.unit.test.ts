import { expect, test } from 'bun:test'
import { OffsetRanges } from './offset-ranges.ts'

test('the mark moves over what was acknowledged ahead of it', () => {
  const ranges = new OffsetRanges(10)
  for (const position of [12, 11, 14]) ranges.add(position)
  expect([ranges.mark, ranges.toString()]).toEqual([10, '{[11,13),[14,15)}'])
  ranges.add(10)
  expect([ranges.mark, ranges.toString()]).toEqual([13, '{[14,15)}'])
})

test('what Postgres stored is read back', () => {
  const ranges = OffsetRanges.parse(3, '{[5,8),[10,11)}')
  expect([3, 4, 5, 7, 8, 10, 11].map((position) => ranges.has(position))).toEqual([
    false,
    false,
    true,
    true,
    false,
    true,
    false,
  ])
})

test('any order of acknowledgements gives the same as a set of positions', () => {
  let seed = 7
  const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  for (let round = 0; round < 200; round++) {
    const ranges = new OffsetRanges(0)
    const set = new Set<number>()
    for (let i = 0; i < 60; i++) {
      const from = next(50)
      const to = from + 1 + next(4)
      ranges.add(from, to)
      for (let position = from; position < to; position++) set.add(position)
    }
    for (let position = 0; position < 60; position++)
      expect(ranges.has(position)).toBe(set.has(position))
    let mark = 0
    while (set.has(mark)) mark++
    expect(ranges.mark).toBe(mark)
  }
})
