import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { type Step, steps } from '../../tests/support/delivery-crash-child.ts'
import { effects } from '../../tests/support/delivery-probe.ts'
import { deliverySetup, idsOf } from '../../tests/support/delivery-setup.ts'
import { bystander, killer } from '../../tests/support/two-consumers-child.ts'
import { createQueue } from '../../tests/support/table-broker.ts'
import { listDeadLetters } from './lane-listing.ts'

const setup = deliverySetup()
const child = join(import.meta.dir, '../../tests/support/delivery-crash-child.ts')

/** Runs a consumer in a process of its own until the queue is empty or it dies; answers whether it died. */
const runProcess = async (step: Step): Promise<boolean> => {
  const { exited } = Bun.spawn([process.execPath, child, setup.url, step], {
    stdout: 'inherit',
    stderr: 'inherit',
  })
  const code = await exited
  expect([0, 137]).toContain(code)
  return code === 137
}
const inherited = ['ignore', 'inherit', 'inherit'] as const
const messages = Array.from({ length: 30 }, (_, n) => ({ key: `key ${n % 4}`, id: `m${n}` }))

describe.each([...steps])('a process killed at: %s', (step) => {
  test('leaves effects that happen once, in order, when another takes over', async () => {
    await createQueue(setup.database, messages)
    expect(await runProcess(step)).toBe(true)
    expect(await setup.count('queue')).toBeGreaterThan(0)
    expect(await runProcess('never')).toBe(false)
    const all = await effects(setup.database)
    expect(all.length).toBe(30)
    for (const [key, ofKey] of Map.groupBy(all, (effect) => effect.key))
      expect(idsOf(ofKey)).toEqual(idsOf(messages.filter((message) => message.key === key)))
    expect(await setup.count('queue')).toBe(0)
    expect(await setup.count('delivery.lane')).toBe(0)
    expect(await setup.count('delivery.attempt')).toBe(0)
  }, 30_000)
})

test('a message that ends whoever handles it is a dead letter after three, and only it', async () => {
  const withKiller = messages.map((message, n) =>
    n === 13 ? { ...message, id: 'killer' } : message,
  )
  await createQueue(setup.database, withKiller)
  let deaths = 0
  while (await runProcess('killer')) deaths++
  expect(deaths).toBe(3)
  expect(await listDeadLetters(setup.database)).toMatchObject([
    { messageId: 'killer', slug: 'unclean-end', attempts: 3, waiting: 4 },
  ])
  const others = withKiller.filter(({ key }, n) => key !== 'key 1' || n < 13)
  expect(idsOf(await effects(setup.database)).sort()).toEqual(idsOf(others).sort())
}, 30_000)

test('a message that ends the process is a dead letter, and no message of another consumer in there', async () => {
  const script = join(import.meta.dir, '../../tests/support/two-consumers-child.ts')
  const codes = []
  while (codes.at(-1) !== 0 && codes.length < 6) {
    const { exited } = Bun.spawn([process.execPath, script, setup.url], { stdio: [...inherited] })
    codes.push(await exited)
  }
  expect(codes).toEqual([137, 137, 137, 0])
  expect(await listDeadLetters(setup.database)).toMatchObject([{ messageId: killer }])
  expect(idsOf(await effects(setup.database))).toEqual([bystander])
}, 30_000)
