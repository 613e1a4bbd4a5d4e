import { describe, expect, test } from 'bun:test'
import { quotaOf, retentionOf } from './policy-values.ts'
import {
  duration,
  durationOrUnlimited,
  instant,
  messageId,
  name,
  namespaceName,
  position,
  size,
  sizeOrUnlimited,
  topicName,
  whole,
} from './values.ts'

describe('words of a command line are read as pulsar-admin reads them', () => {
  test.each<[string, unknown, unknown]>([
    ['a bare topic is in public/default', topicName('t'), 'persistent://public/default/t'],
    ['a topic without a scheme persists', topicName('a/b/t'), 'persistent://a/b/t'],
    ['one that does not persist', topicName('non-persistent://a/b/t'), 'non-persistent://a/b/t'],
    ['a bare number of time is seconds', duration('90'), 90],
    [
      'minutes, hours, days, weeks',
      ['10m', '3h', '2d', '5w'].map(duration),
      [600, 10_800, 172_800, 3_024_000],
    ],
    ['no limit of time', durationOrUnlimited('-1'), -1],
    ['a bare number of size is bytes', size('4096'), 4096],
    [
      'a unit of size is 1024 times the one before',
      ['1k', '10M', '16G'].map(size),
      [1024, 10_485_760, 17_179_869_184],
    ],
    ['no limit of size', sizeOrUnlimited('-1'), -1],
    ['an id of a message', messageId('12:0'), { ledgerId: 12, entryId: 0 }],
    ['an id as Pulsar prints it', messageId('12:3:-1:2'), { ledgerId: 12, entryId: 3 }],
    ['an end of the topic', position('earliest'), 'earliest'],
    ['a moment', instant('2026-06-28T16:53:08Z').getTime(), Date.UTC(2026, 5, 28, 16, 53, 8)],
  ])('%s', (_, read, expected) => {
    expect(read).toEqual(expected)
  })
})

test.each<[string, () => unknown, RegExp]>([
  ['a topic of two parts', () => topicName('a/b'), /persistent:\/\/tenant\/namespace\/topic/],
  ['a topic that climbs', () => topicName('a/../t'), /persistent:\/\//],
  ['a namespace of one part', () => namespaceName('a'), /tenant\/namespace/],
  ['an empty name', () => name(''), /a name/],
  ['a name that means another path', () => name('..'), /a name/],
  ['a count below the least', () => whole(1)('0'), /1 or more/],
  ['a negative count', () => whole(1)('-1'), /1 or more/],
  ['a count above the most', () => whole(1, 5)('6'), /from 1 to 5/],
  ['half a count', () => whole(0)('1.5'), /0 or more/],
  ['a time without a number', () => duration('soon'), /10m/],
  ['a negative time', () => duration('-5m'), /10m/],
  ['a size of an unknown unit', () => size('5X'), /10M/],
  ['half an id', () => messageId('12'), /ledger:entry/],
  ['a place that is none', () => position('middle'), /earliest, latest or ledger:entry/],
  ['a moment without a zone', () => instant('2026-06-28T16:53:08'), /Z/],
  ['a moment that never was', () => instant('2026-13-40T16:53:08Z'), /Z/],
])('%s is refused with the form that is expected', (_, read, form) => {
  expect(read).toThrow(form)
})

test('retention is kept in minutes and megabytes, and -1 stays no limit', () => {
  expect(retentionOf({ size: 1024 ** 3, time: 3 * 86_400 })).toEqual({
    retentionSizeInMB: 1024,
    retentionTimeInMinutes: 4320,
  })
  expect(retentionOf({ size: -1, time: 0 - 1 })).toEqual({
    retentionSizeInMB: -1,
    retentionTimeInMinutes: -1,
  })
})

test('a retention that would silently become none is refused', () => {
  expect(() => retentionOf({ size: 1000, time: 3600 })).toThrow('less than 1M')
  expect(() => retentionOf({ size: 1024 ** 3, time: 30 })).toThrow('less than 1m')
  expect(() => retentionOf({ size: 0, time: 3600 })).toThrow('-1 for no limit')
})

test('a backlog quota has a limit of its own kind, and no limit of the other', () => {
  const policy = 'producer_exception'
  expect(quotaOf({ policy, type: 'message_age', limit: undefined, limitTime: 60 })).toEqual({
    policy,
    limitSize: -1,
    limitTime: 60,
  })
  expect(() => quotaOf({ policy, type: 'message_age', limit: 60, limitTime: undefined })).toThrow(
    '--limitTime',
  )
})
