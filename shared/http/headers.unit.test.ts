import { describe, expect, test } from 'bun:test'
import { Invalid } from '../kernel/fates.ts'
import { entityTag, expectedVersion, matchesNone, parseEntityTags } from './etag.ts'
import { askedWait, preferredWait } from './prefer.ts'

describe('If-Match', () => {
  test('names a version, with or without the view revision, strong or weak', () => {
    for (const header of ['"7"', 'W/"7"', '"7.3"', ' W/"7.12" '])
      expect(expectedVersion(header)).toBe(7)
  })
  test('names none when it is absent or *', () => {
    expect(expectedVersion(undefined)).toBeUndefined()
    expect(expectedVersion('*')).toBeUndefined()
  })
  test('of several tags, without quotes or with anything but a version is refused', () => {
    for (const header of ['"1", "2"', '7', '"x"', '""', '"1', '"-1"', '"1.2.3"', ''])
      expect(() => expectedVersion(header)).toThrow(Invalid)
  })
})

describe('If-None-Match', () => {
  const current = entityTag(7, 3)
  test('matches its own tag, also weak, also among others, and by *', () => {
    for (const header of ['"7.3"', 'W/"7.3"', '"1.1", "7.3"', '*'])
      expect(matchesNone(header, current)).toBe(true)
  })
  test('matches no other revision, and nothing when it is broken', () => {
    for (const header of ['"7.2"', '"7"', '7.3', '"7.3'])
      expect(matchesNone(header, current)).toBe(false)
    expect(matchesNone(undefined, current)).toBe(false)
  })
})

test('commas and weak marks inside and between tags are told apart', () => {
  expect(parseEntityTags('"a,b" , W/"c"')).toEqual([
    { weak: false, value: 'a,b' },
    { weak: true, value: 'c' },
  ])
})

describe('a wait', () => {
  test('is read from Prefer among other preferences, and is 20 s at most', () => {
    expect(preferredWait('respond-async, wait=5')).toBe(5)
    expect(preferredWait('Wait = "7"; foo=bar')).toBe(7)
    expect(preferredWait('wait=999')).toBe(20)
    expect(askedWait('20')).toBe(20)
  })
  test('is not asked for without the header, or with other preferences only', () => {
    expect(preferredWait(undefined)).toBeUndefined()
    expect(preferredWait('return=minimal')).toBeUndefined()
    expect(askedWait(undefined)).toBeUndefined()
  })
  test('that is no whole number of seconds is refused', () => {
    for (const header of ['wait=-1', 'wait', 'wait=1.5', 'wait=abc'])
      expect(() => preferredWait(header)).toThrow(Invalid)
    expect(() => askedWait('')).toThrow(Invalid)
  })
})
