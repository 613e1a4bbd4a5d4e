import { expect, test } from 'bun:test'
import { Invalid, Misuse, Poison, Transient } from '../kernel/fates.ts'
import { blame, blamed, contended, describeFailure, sortFailure } from './failures.ts'

const coded = (code: string) => Object.assign(new Error(code), { code })
const wrapped = (cause: unknown) => new Error('query failed', { cause })

test.each([
  ['what the code says is contended', 'contention', contended('moved')],
  ['a deadlock, wrapped', 'contention', wrapped(coded('40P01'))],
  ['a serialization failure', 'contention', coded('40001')],
  ['a server that shuts down', 'away', coded('57P01')],
  ['a closed connection', 'away', coded('CONNECTION_CLOSED')],
  ['too many connections', 'away', coded('53300')],
  ['a broker that is away, wrapped', 'away', wrapped(new Transient('broker-unavailable', 'away'))],
  ['a message nobody can handle', 'poison', blame(new Poison('unknown-type', 'no'), 'm1')],
  ['a broken rule of the house', 'handler', new Misuse('row-not-locked', 'no')],
  ['an invalid value', 'handler', new Invalid('no')],
  ['a unique violation', 'handler', coded('23505')],
  ['thrown text', 'handler', 'text'],
] as const)('%s means: %s', (_, failure, error) => {
  expect(sortFailure(error)).toBe(failure)
})

test('the message at fault is found through causes, and what is thrown is kept', () => {
  const error = new Poison('unknown-type', 'no handler')
  expect(blame(error, 'm1')).toBe(error)
  expect(blamed(wrapped(error))).toBe('m1')
  expect(blamed(new Error('nobody'))).toBeUndefined()
  expect(blame('text', 'm2').message).toBe('text')
})

test('a failure is described by its slug, or as a failure of the handler', () => {
  const poison = new Poison('unknown-type', 'no handler')
  expect(describeFailure(wrapped(poison))).toEqual({ slug: 'unknown-type', detail: 'query failed' })
  expect(describeFailure('text')).toEqual({ slug: 'handler-failed', detail: 'text' })
})
