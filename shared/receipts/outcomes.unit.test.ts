import { afterEach, describe, expect, test } from 'bun:test'
import { aReceipt, completed, scriptedBroker } from '../../tests/support/receipts.ts'
import { until } from '../../tests/support/until.ts'
import { createLogger } from '../telemetry/logger.ts'
import { outcomeWatcher, type OutcomeWatcher } from './outcomes.ts'
import type { StoredReceipt } from './read-receipt.ts'

const opened: OutcomeWatcher[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((watcher) => watcher.close()))
})

const watch = (read?: (id: string) => Promise<StoredReceipt | undefined>) => {
  const broker = scriptedBroker()
  const said: unknown[] = []
  const destination = {
    write: (line: string) => void said.push((JSON.parse(line) as { msg: unknown }).msg),
  }
  const logger = createLogger({ level: 'info', name: 'test', destination })
  const watcher = outcomeWatcher({ broker, logger, ...(read ? { read } : {}) })
  opened.push(watcher)
  return { broker, watcher, said }
}
const long = 60_000

describe('a wait for a command', () => {
  test('ends when its outcome is told', async () => {
    const receipt = aReceipt()
    const looked = Promise.withResolvers<void>()
    const { broker, watcher } = watch(async () => void looked.resolve())
    await broker.heard
    const waiting = watcher.waitFor(receipt.command_id, long)
    await looked.promise
    broker.tell(completed(aReceipt()))
    broker.tell(completed(receipt))
    expect(await waiting).toMatchObject({ command_id: receipt.command_id, status: 'completed' })
  })
  test('ends at once when the command had finished before anybody listened', async () => {
    const receipt = completed(aReceipt())
    const { watcher } = watch(async () => receipt)
    expect(await watcher.waitFor(receipt.command_id, long)).toEqual(receipt)
  })
  test('ends when the outcome is told between the look at the row and the wait', async () => {
    const receipt = completed(aReceipt())
    const { broker, watcher } = watch(async () => {
      broker.tell(receipt)
      await until(() => broker.open === 1)
      return undefined
    })
    await broker.heard
    expect(await watcher.waitFor(receipt.command_id, long)).toEqual(receipt)
  })
  test('ends by its row while the broker is away', async () => {
    const receipt = aReceipt()
    let row = receipt
    let looks = 0
    const { broker, watcher } = watch(async () => {
      looks += 1
      return row
    })
    await broker.heard
    broker.goAway()
    const waiting = watcher.waitFor(receipt.command_id, long)
    await until(() => looks > 1)
    row = completed(receipt)
    expect(await waiting).toEqual(row)
  })
  test('ends by the broker while the row cannot be read', async () => {
    const receipt = completed(aReceipt())
    const asked = Promise.withResolvers<void>()
    const { broker, watcher } = watch(async () => {
      asked.resolve()
      throw new Error('the database is away')
    })
    await broker.heard
    const waiting = watcher.waitFor(receipt.command_id, long)
    await asked.promise
    broker.tell(receipt)
    expect(await waiting).toEqual(receipt)
  })
  test('ends empty when its time is over, when it is aborted, and when the watcher closes', async () => {
    const { watcher } = watch(async () => undefined)
    expect(await watcher.waitFor('a', 1)).toBeUndefined()
    const hangUp = new AbortController()
    const aborted = watcher.waitFor('b', long, hangUp.signal)
    hangUp.abort()
    expect(await aborted).toBeUndefined()
    const closed = watcher.waitFor('c', long)
    await watcher.close()
    expect(await closed).toBeUndefined()
    expect(watcher.closed).toBe(true)
  })
})

describe('a watcher', () => {
  test('listens again when the broker comes back', async () => {
    const receipt = completed(aReceipt())
    const { broker, watcher, said } = watch()
    await broker.heard
    broker.goAway()
    await until(() => broker.subscriptions > 1)
    expect(broker.open).toBe(0)
    broker.comeBack()
    await until(() => broker.open === 1)
    broker.tell(receipt)
    expect(await until(() => watcher.current(receipt.command_id))).toEqual(receipt)
    expect(said).toEqual(['outcomes are not heard', 'outcomes are heard again'])
  })
  test('without a database answers from what it has heard', async () => {
    const receipt = completed(aReceipt())
    const { broker, watcher } = watch()
    await broker.heard
    expect(await watcher.current(receipt.command_id)).toBeUndefined()
    broker.tell(receipt)
    expect(await watcher.waitFor(receipt.command_id, long)).toEqual(receipt)
    expect(await watcher.current(receipt.command_id)).toEqual(receipt)
  })
  test('goes on after a message that is no outcome', async () => {
    const receipt = completed(aReceipt())
    const { broker, watcher } = watch()
    await broker.heard
    broker.deliver({ id: '1', key: 'k', payload: new Uint8Array([1]), properties: {} })
    broker.tell(receipt)
    expect(await watcher.waitFor(receipt.command_id, long)).toEqual(receipt)
  })
  test('leaves no consumer behind when it closes, twice', async () => {
    const { broker, watcher } = watch()
    await broker.heard
    await Promise.all([watcher.close(), watcher.close()])
    expect(broker.open).toBe(0)
  })
})
