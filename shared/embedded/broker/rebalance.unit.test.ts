import { expect, test } from 'bun:test'
import { type CursorView, rebalance } from './rebalance.ts'

const cursor = (partitionId: number, consumerId: number | null, epoch = 1): CursorView => ({
  partitionId,
  consumerId,
  epoch,
})
const heldBy = (me: number, cursors: readonly CursorView[]) =>
  new Map(cursors.filter((one) => one.consumerId === me).map((one) => [one.partitionId, one.epoch]))

test('the only consumer claims everything that is free', () => {
  const cursors = [cursor(1, null), cursor(2, null)]
  const moves = rebalance({ me: 7, consumers: [7], cursors, shift: 0, held: new Map() })
  expect(moves).toEqual({ lost: [], surplus: [], claims: cursors })
})

test('partitions of the dead are free, those of the living are not', () => {
  const cursors = [cursor(1, 8), cursor(2, 9)]
  const moves = rebalance({ me: 7, consumers: [7, 8], cursors, shift: 0, held: new Map() })
  expect(moves.claims).toEqual([cursor(2, 9)])
})

test('a partition whose epoch rose elsewhere is lost', () => {
  const cursors = [cursor(1, 8, 5)]
  const held = new Map([[1, 4]])
  expect(rebalance({ me: 7, consumers: [7, 8], cursors, shift: 0, held }).lost).toEqual([1])
})

test('a partition that is ours under a new epoch is forgotten and claimed again', () => {
  const cursors = [cursor(1, 7, 5)]
  const held = new Map([[1, 4]])
  const moves = rebalance({ me: 7, consumers: [7], cursors, shift: 0, held })
  expect(moves).toEqual({ lost: [1], surplus: [], claims: cursors })
})

test('whatever the start, a few rounds leave shares that differ by one at most and then rest', () => {
  for (let partitions = 1; partitions <= 17; partitions++)
    for (let count = 1; count <= 6; count++) {
      const consumers = Array.from({ length: count }, (_, i) => 10 + i)
      let cursors = Array.from({ length: partitions }, (_, i) => cursor(i, i % 3 === 0 ? 99 : 10))
      const look = () =>
        consumers.map((me) => ({
          me,
          ...rebalance({ me, consumers, cursors, shift: partitions, held: heldBy(me, cursors) }),
        }))
      for (let round = 0; round < 12; round++) {
        for (const { me, surplus, claims } of look())
          cursors = cursors.map((one) => {
            const seen = claims.find(({ partitionId }) => partitionId === one.partitionId)
            if (seen?.epoch === one.epoch) return cursor(one.partitionId, me, one.epoch + 1)
            return one.consumerId === me && surplus.includes(one.partitionId)
              ? cursor(one.partitionId, null, one.epoch + 1)
              : one
          })
      }
      const shares = consumers.map((me) => heldBy(me, cursors).size)
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
      expect(shares.reduce((sum, share) => sum + share)).toBe(partitions)
      expect(look().flatMap(({ surplus, claims }) => [...surplus, ...claims])).toEqual([])
    }
})

test('claims ascend wherever they begin, so that two who reach for the same never wait in a ring', () => {
  const cursors = [1, 2, 3, 4, 5, 6].map((id) => cursor(id, null))
  for (const me of [7, 8, 9])
    for (const shift of [0, 1, 2]) {
      const moves = rebalance({ me, consumers: [7, 8, 9], cursors, shift, held: new Map() })
      const ids = moves.claims.map(({ partitionId }) => partitionId)
      expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    }
  const partly = [cursor(1, null), cursor(2, 7, 5), cursor(3, null)]
  const moves = rebalance({ me: 7, consumers: [7], cursors: partly, shift: 0, held: new Map() })
  expect(moves.claims.map(({ partitionId }) => partitionId)).toEqual([1, 2, 3])
})

test('partitions that are ours in the tables only, and too many, find their way to others', () => {
  // A lease whose answer was lost, while somebody else joined.
  let cursors = Array.from({ length: 8 }, (_, i) => cursor(i, 10))
  const memory = new Map([10, 11].map((me) => [me, new Map<number, number>()]))
  for (let round = 0; round < 6; round++)
    for (const [me, held] of memory) {
      const moves = rebalance({ me, consumers: [10, 11], cursors, shift: 0, held })
      for (const partitionId of moves.lost) held.delete(partitionId)
      cursors = cursors.map((one) => {
        const { partitionId, epoch } = one
        if (moves.claims.includes(one)) {
          held.set(partitionId, epoch + 1)
          return cursor(partitionId, me, epoch + 1)
        }
        // Only what is in memory can be drained and given back.
        if (!moves.surplus.includes(partitionId) || !held.delete(partitionId)) return one
        return cursor(partitionId, null, epoch + 1)
      })
    }
  expect([...memory.values()].map(({ size }) => size)).toEqual([4, 4])
})
