import { expect, test } from 'bun:test'
import { topicPattern } from './topic-pattern.ts'

const fitting = (pattern: RegExp | string, ...topics: readonly string[]) => {
  const { fits } = topicPattern(pattern)
  return topics.map((topic) => fits(`persistent://${topic}`))
}

test('a pattern fits whole names in its own namespace', () => {
  for (const pattern of [
    'persistent://t/n/orders-.*',
    't/n/orders-.*',
    /^persistent:\/\/t\/n\/orders-.*$/,
    /t\/n\/orders-.*/g,
  ]) {
    expect(topicPattern(pattern).namespace).toBe('t/n')
    expect(fitting(pattern, 't/n/orders-1', 't/n/orders-', 't/n/my-orders-1')).toEqual([
      true,
      true,
      false,
    ])
    expect(fitting(pattern, 't/other/orders-1', 'u/n/orders-1')).toEqual([false, false])
  }
  expect(fitting('t/n/a|b', 't/n/a', 't/n/b', 't/n/ab')).toEqual([true, true, false])
  expect(fitting(/t\/n\/A/i, 't/n/a')).toEqual([true])
  expect(topicPattern('public/my.name-space=1:2_/x').namespace).toBe('public/my.name-space=1:2_')
})

test('a pattern without tenant and namespace is refused', () => {
  for (const pattern of ['orders-.*', '.*/n/x', 't/n', 'persistent://t/n/'])
    expect(() => topicPattern(pattern)).toThrow('names no namespace')
})
