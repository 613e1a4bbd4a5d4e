import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { redriveLane } from '../../shared/delivery/lane-operations.ts'
import { openDatabase } from '../../shared/postgres/database.ts'
import type { RoleName } from '../../shared/runtime/role.ts'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { oneOf, printedSeed, randomFrom, rounds } from '../support/chaos-random.ts'
import { deathsIn, type Life, live } from '../support/fulfilment-kills.ts'
import { kindsOfOrders, type OrderCustomers, orderCustomers } from '../support/order-customers.ts'
import { ordersAtOdds } from '../support/order-oracle.ts'
import { moments } from '../support/role-crash-child.ts'
import { eventually, type RunningProcess } from '../support/system.ts'

/** In seconds, for all orders of a round: each death costs the next life half a second. */
const patience = rounds(1) > 1 ? 200 : 60

describe.each(['orchestration', 'choreography'] as const)('by %s', (style) => {
  let fleet: Fleet
  let api: RunningProcess
  let customers: OrderCustomers
  const lives = new Set<Life>()
  /** Who tells an order that it is ready to be shipped, and the others. */
  const [teller = 'relay', ...others] = [...deathsIn(style, () => []).keys()].toReversed()
  beforeAll(async () => {
    fleet = await assembleFleet()
    api = await fleet.run(['command-api', 'relay'], { ORDER_FULFILMENT: style })
    for (const role of others) begin(role)
    customers = await orderCustomers(fleet, api.commandUrl)
  }, 60_000)
  afterAll(async () => {
    await endAll()
    await fleet.end()
  }, 60_000)

  const begin = (role: RoleName, deaths: readonly string[] = []) => {
    const life = live(fleet.url, role, deaths)
    lives.add(life)
    return life
  }
  const die = async (role: RoleName, deaths: readonly string[]) => {
    const life = begin(role, deaths)
    const died = await life.died
    lives.delete(life)
    return died
  }
  const endAll = async () => {
    await Promise.all([...lives].map((life) => life.end()))
    lives.clear()
  }
  /** Until every order has ended and nobody has anything left to do; 60 s at most. */
  const atRest = async () => {
    // What does not come to rest is what the oracle tells.
    await eventually('everything has come to rest', isAtRest, 60).catch((error: Error) =>
      console.log(error.message),
    )
    const [left] = await fleet.sql`
      SELECT (SELECT count(*)::int FROM uow.timer WHERE state = 'set') AS timers,
        (SELECT count(*)::int FROM uow.saga WHERE ended_at IS NULL) AS sagas,
        (SELECT count(*)::int FROM delivery.lane_message) AS parked,
        (SELECT count(*)::int FROM uow.stream WHERE module = 'orders') AS orders`
    const surprised = await customers.surprised()
    return { ...left, surprised, odds: await ordersAtOdds(fleet.sql) }
  }
  const isAtRest = async () => {
    const isPushed = await customers.pushed()
    const [row] = await fleet.sql<{ busy: boolean }[]>`
      SELECT EXISTS (SELECT FROM delivery.outbox) OR EXISTS (SELECT FROM uow.timer WHERE state = 'set')
        OR EXISTS (SELECT FROM uow.saga WHERE ended_at IS NULL) AS busy`
    return isPushed && row?.busy === false && (await ordersAtOdds(fleet.sql)).length === 0
  }
  const clean = () => ({
    timers: 0,
    sagas: 0,
    parked: 0,
    orders: customers.count,
    surprised: [],
    odds: [],
  })

  test('killed over everything they are handed, nobody leaves an order stuck, or ended in two ways', async () => {
    const random = randomFrom(printedSeed(`killing in ${style}`))
    const short = (role: RoleName) => {
      if (role === 'process-manager') return ['before commit', 'after commit'] as const
      // What a worker is killed over has suites of its own.
      return role === 'command-worker' ? [] : [oneOf(random, moments)]
    }
    const deaths = deathsIn(style, rounds(1) > 1 ? () => moments : short)

    // One that is called off while nobody knows yet that it is ready to be shipped.
    const calledOff = await customers.order('paid')
    await die(teller, ['ShipmentPrepared, received'])
    await customers.callOff(calledOff)
    await endAll()

    const dieOfAll = async ([role, left]: readonly [RoleName, Set<string>]) => {
      while (left.size > 0) {
        const died = await die(role, [...left])
        // Ended otherwise: it did not start, or the test is over.
        if (died.length === 0) return
        for (const death of died) left.delete(death)
      }
      begin(role)
    }
    void Promise.all([...deaths].map(dieOfAll))
    const unmet = () => [...deaths].flatMap(([role, left]) => [...left].map((d) => `${role}: ${d}`))
    // What has come to rest before every death was died needs some more orders.
    for (let round = 0; round < rounds(1) + (unmet().length > 0 ? 4 : 0); round += 1) {
      for (const kind of kindsOfOrders) await customers.order(kind)
      await eventually('every order has ended', customers.pushed, patience).catch(async () =>
        expect(await ordersAtOdds(fleet.sql)).toEqual([]),
      )
    }
    expect(unmet()).toEqual([])
    expect(await atRest()).toEqual(clean())
  }, 600_000)

  test('what gives back and fails three times is done when it can be, and once', async () => {
    const { sql } = fleet
    await sql.unsafe(refusing)
    const { id } = await customers.order('undeliverable')
    const lane = { subscription: 'command-worker', key: id }
    await eventually('the release has failed for good', async () => {
      const [row] = await sql`SELECT FROM delivery.lane WHERE key = ${id} AND state = 'closed'`
      return row !== undefined
    })
    if (style === 'orchestration')
      await eventually('it was asked for four times', async () => {
        await sql`UPDATE uow.timer SET due_at = now() WHERE state = 'set' AND key = ${id}`
        const [row] = await sql`SELECT FROM uow.saga WHERE id = ${id} AND step = 'release-stock'
          AND (state->'attempts'->>'release-stock')::int > 3`
        return row !== undefined
      })
    await sql`DROP TRIGGER no_release ON write.stock_holds`
    const database = openDatabase(fleet.url, { name: 'operator' })
    await redriveLane(database, lane)
    await database.close()

    expect(await atRest()).toEqual(clean())
    const [refunds] = await sql`SELECT last_value::int AS tried FROM refunds`
    expect(refunds).toEqual({ tried: 4 })
    const events = await sql<{ name: string }[]>`
      SELECT split_part(type, '.', 3) AS name FROM uow.event WHERE stream_id = ${id}`
    const names = events.map(({ name }) => name)
    for (const name of ['StockReleased', 'PaymentRefunded', 'OrderCancelled'])
      expect(names.filter((other) => other === name)).toEqual([name])
  }, 90_000)
})

/** No stock is released any more, and the provider does not give money back before it is asked a fourth time. */
const refusing = `
  CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
  CREATE TRIGGER no_release BEFORE UPDATE ON write.stock_holds FOR EACH ROW
    WHEN (NEW.status = 'RELEASED') EXECUTE FUNCTION no();
  CREATE SEQUENCE refunds;
  CREATE FUNCTION not_yet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('refunds') <= 3 THEN RAISE EXCEPTION 'not yet'; END IF; RETURN NEW; END $$;
  CREATE TRIGGER no_refund BEFORE INSERT ON write.sandbox_ledger FOR EACH ROW
    WHEN (NEW.entry = 'refund') EXECUTE FUNCTION not_yet();`
