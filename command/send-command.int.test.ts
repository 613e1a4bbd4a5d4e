import { afterEach, beforeEach, expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { commandTopics, outcomesTopic } from '../shared/contracts/topology.ts'
import { openBroker } from '../shared/embedded/broker/broker.ts'
import { openDatabase } from '../shared/postgres/database.ts'
import { reservationBody } from '../tests/support/bodies.ts'
import { accepted, send } from '../tests/support/client.ts'
import { startApi, storedCommands } from '../tests/support/command-api.ts'
import type { DyingMoment } from '../tests/support/dying-api.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'

let home: TestDatabase
beforeEach(async () => {
  home = await testDatabase()
  const broker = await openBroker(home.url)
  for (const topic of [...commandTopics, outcomesTopic]) await broker.ensureTopic(topic, 4)
  await broker.close()
})
afterEach(() => home.drop())

const program = fileURLToPath(new URL('../tests/support/dying-api.ts', import.meta.url))
const key = { 'idempotency-key': '"the only one"' }

/** Sends a keyed request to a process that is killed with SIGKILL at the given moment. */
const killedAt = async (moment: DyingMoment) => {
  const child = Bun.spawn([process.execPath, program, home.url, moment], { stdout: 'pipe' })
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader()
  const url = (await lines.read()).value?.trim() ?? ''
  const answer = send(`${url}/reservations`, reservationBody, key).then(
    ({ status }) => status,
    () => 'cut off',
  )
  expect((await lines.read()).value?.trim()).toBe('reached')
  child.kill('SIGKILL')
  await child.exited
  expect(await answer).toBe('cut off')
}

const claimed = async () => {
  const database = openDatabase(home.url, { name: 'test' })
  const rows = await database.query<{ command_id: string; target_id: string }>(
    'SELECT command_id, target_id FROM write.idempotency_keys',
  )
  await database.close()
  return rows
}

/** How many copies of the command the broker has once the retry is answered. */
const moments: Readonly<Record<DyingMoment, number>> = {
  'before publishing': 1,
  'before the 202': 2,
}
for (const [moment, copies] of Object.entries(moments) as [DyingMoment, number][])
  test(`a process killed ${moment}: the retry under the same key completes the same command`, async () => {
    await killedAt(moment)
    const claims = await claimed()
    const api = await startApi({ databaseUrl: home.url })
    const retried = await accepted(`${api.url}/reservations`, reservationBody, key)
    await api.end()
    expect(claims).toEqual([{ command_id: retried.command_id, target_id: retried.id }])
    const stored = await storedCommands(home.url, 'CreateReservation', copies)
    expect(stored.map(({ id, subject }) => ({ id, subject }))).toEqual(
      Array.from({ length: copies }, () => ({ id: retried.command_id, subject: retried.id })),
    )
  }, 15_000)
