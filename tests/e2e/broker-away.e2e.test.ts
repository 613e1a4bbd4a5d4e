import { expect, test } from 'bun:test'
import { reservationBody } from '../support/bodies.ts'
import { send } from '../support/client.ts'
import { type Gate, openGate } from '../support/gate.ts'
import { onPulsar } from '../support/on-each-broker.ts'
import { eventually, type RunningProcess, start, temporaryHome } from '../support/system.ts'

onPulsar((broker) => {
  const home = temporaryHome()
  let gate: Gate
  let system: RunningProcess
  broker.before(async () => {
    gate = await openGate(broker.environment()['PULSAR_URL'] ?? '')
    await gate.shut()
    const env = { ...broker.environment(), PULSAR_URL: gate.url }
    system = await start(['up'], { home: home.folder, env, until: [] })
  })
  broker.after(async () => {
    await system.stop()
    await gate.shut().catch(() => undefined)
    home.remove()
  })

  const statusOf = async (path: string) =>
    (await fetch(`${system.commandUrl}${path}`).catch(() => undefined))?.status

  test('roles start although Pulsar is away, refuse with 503, and work as soon as it is there', async () => {
    await eventually('the process lives', async () => (await statusOf('/livez')) === 200)
    expect(await statusOf('/readyz')).toBe(503)
    expect(system.output()).toContain(`Pulsar at ${gate.url} is away: waiting for it`)
    const refused = await send(`${system.commandUrl}/reservations`, reservationBody)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).not.toBeNull()

    await gate.open()
    await eventually('it is ready', async () => (await statusOf('/readyz')) === 200)
    const answer = await send(`${system.commandUrl}/reservations`, reservationBody, {
      prefer: 'wait=20',
    })
    expect(await answer.json()).toMatchObject({ status: 'completed' })
    const ops = await eventually('every role works', async () => {
      const answered = await fetch(`${system.opsUrl}/readyz?verbose`)
      return answered.ok && answered.text()
    })
    expect(ops).toContain('"name":"relay","ok":true')
  }, 60_000)

  test('and while it is cut off later, answers in time and loses nothing', async () => {
    await gate.shut()
    const refused = await fetch(`${system.commandUrl}/reservations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(reservationBody),
      signal: AbortSignal.timeout(10_000),
    })
    expect(refused.status).toBe(503)
    await gate.open()
    const key = { 'idempotency-key': '"again"', prefer: 'wait=20' }
    const answer = await eventually('commands are taken again', async () => {
      const again = await send(`${system.commandUrl}/reservations`, reservationBody, key)
      return again.ok && again.json()
    })
    expect(answer).toMatchObject({ status: 'completed' })
  }, 60_000)

  test('and stopped meanwhile it answers who waits, and ends in time', async () => {
    const post = () => send(`${system.commandUrl}/reservations`, reservationBody)
    await Promise.all(Array.from({ length: 50 }, post))
    await gate.shut()
    const waiting = Array.from({ length: 5 }, post)
    await eventually('readiness says so', async () => (await statusOf('/readyz')) === 503)
    expect(await system.stop()).toBe(0)
    for (const answer of await Promise.all(waiting)) expect(answer.status).toBe(503)
  }, 60_000)

  test('a topology that nobody has made ends the start with the command that makes it', async () => {
    const env = { ...broker.environment(), PULSAR_TENANT: 'nobody-made-it', TOPOLOGY: 'check' }
    const process = await start(['run', 'command-api'], { home: home.folder, env, until: [] })
    expect(await process.exited).toBe(4)
    expect(process.output()).toContain('./aero topology apply')
  })
})
