import { expect, test } from 'bun:test'
import { Transient } from '../shared/kernel/fates.ts'
import { passwords } from './passwords.ts'

test('a password is kept as argon2id with the cost that is asked for, salted anew each time', async () => {
  const gate = passwords()
  const [one, other] = await Promise.all([gate.hash('correct horse'), gate.hash('correct horse')])
  expect(one).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
  expect(one).not.toBe(other)
  expect(await gate.verify(one, 'correct horse')).toBe(true)
  expect(await gate.verify(one, 'correct horsE')).toBe(false)
})

test('a password typed in another Unicode form is the same', async () => {
  const gate = passwords()
  const stored = await gate.hash('contrase\u00f1a larga')
  expect(await gate.verify(stored, 'contrasen\u0303a larga')).toBe(true)
})

test('nobody has a password, not even the decoy', async () => {
  expect(await passwords().verify(undefined, 'nobody has this password')).toBe(false)
})

test('looking for nobody is as much work as looking for somebody', async () => {
  const gate = passwords(1, 0)
  const looking = gate.verify(undefined, 'a password')
  await new Promise((resolve) => setImmediate(resolve))
  await expect(gate.hash('another')).rejects.toThrow('Too many passwords')
  await looking
})

test('beyond those at work and those waiting one is told to come again, and later it works', async () => {
  const gate = passwords(2, 3)
  const asked = Array.from({ length: 8 }, (_, n) => gate.hash(`password ${n}`))
  const settled = await Promise.allSettled(asked)
  const refused = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  expect(refused).toHaveLength(3)
  expect(refused.every((e) => e instanceof Transient && e.slug === 'overloaded')).toBe(true)
  expect(await gate.hash('once more')).toStartWith('$argon2id$')
})

test('hashing leaves the event loop free', async () => {
  let turns = 0
  const turn = () => {
    turns += 1
    next = setImmediate(turn)
  }
  let next = setImmediate(turn)
  await passwords().hash('a password')
  clearImmediate(next)
  expect(turns).toBeGreaterThan(0)
})
