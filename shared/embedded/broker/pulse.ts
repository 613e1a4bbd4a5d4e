import type { Database } from '../../postgres/database.ts'
import type { Heads } from './heads.ts'
import { channel, type Notices, readNotice } from './notices.ts'
import type { CursorView } from './rebalance.ts'
import { openSession, type Session } from './session.ts'
import { ask, brokerAway } from './statements.ts'

/** What a pulse found for one subscription. */
export interface SubscriptionView {
  readonly consumers: readonly number[]
  readonly cursors: readonly CursorView[]
}

/** A consumer, as the pulse of its process sees it. */
export interface Member {
  readonly subscriptionIds: readonly number[]
  readonly topicIds: readonly number[]
  /** Called with each pulse, one after the other; what it throws counts as the broker being away. */
  beat(views: ReadonlyMap<number, SubscriptionView>): Promise<void>
  down(error: unknown): void
  up(): void
}

export interface Pulse {
  readonly holderId: number
  /** The member takes part from the next pulse on. */
  join(member: Member): void
  /** Takes the consumer out, at the latest when the broker is back; resolves after the running beat. */
  leave(member: Member, consumerId?: number): Promise<void>
  /** A pulse that begins after this call. Rejects with `broker-unavailable`. */
  now(): Promise<void>
  /** False when this process may have lost its leases without knowing, after a long stop. */
  fresh(): boolean
  close(): Promise<void>
}

export interface PulseOptions {
  readonly database: Database
  readonly heads: Heads
  readonly notices: Notices
  readonly name: string
}

const restMs = 1000
const retryMs = 250
// A pulse is small: one without an answer is lost, and finding the broker back must not wait for it.
const pulsePatienceMs = 2000
const leaseMs = 8000
const lockClass = 1_651_666_795

/** Registers this process as a holder and starts its pulse: one statement a second when idle. */
export const startPulse = async (options: PulseOptions): Promise<Pulse> => {
  const { database, heads } = options
  const [row] = await ask<{ id: number }>(database, addHolder)
  if (!row) throw new TypeError('the holder was not added')
  const holderId = row.id
  const members = new Set<Member>()
  const leaving = new Set<number>()
  let away = false
  let closed = false
  let lastBeat = performance.now()
  let timer: ReturnType<typeof setTimeout> | undefined
  let queue: Promise<void> = Promise.resolve()
  let queued: Promise<void> | undefined

  const setAway = (error: unknown) => {
    if (away || closed) return
    away = true
    for (const member of members) member.down(error)
  }
  const takeOut = async () => {
    const gone = [...leaving]
    if (gone.length === 0) return
    await ask(database, leave, [gone])
    for (const consumer of gone) leaving.delete(consumer)
    options.notices.rebalance()
  }
  const beat = async () => {
    const began = performance.now()
    const taking = [...members]
    await takeOut()
    const result = await look(database, holderId, taking)
    // Without our lock others take us for dead: the session is about to take it again.
    if (!result.alive) throw brokerAway(new Error('the session of this process is not up'))
    lastBeat = began
    heads.raise(result.heads)
    await Promise.all(taking.map((member) => member.beat(result.views)))
    if (!away) return
    away = false
    for (const member of members) member.up()
  }
  const schedule = (ms: number) => {
    clearTimeout(timer)
    if (!closed) timer = setTimeout(() => void now().catch(() => undefined), ms)
  }
  const run = async () => {
    queued = undefined
    if (closed) return
    try {
      await beat()
      schedule(restMs)
    } catch (error) {
      setAway(error)
      schedule(retryMs)
      throw error
    }
  }
  const now = (): Promise<void> => {
    if (!queued) {
      queued = queue.then(run)
      queue = queued.catch(() => undefined)
    }
    return queued
  }
  const nudge = () => void now().catch(() => undefined)

  const session = await standUp({
    url: database.url,
    channel,
    lock: [lockClass, holderId],
    onNotify: (payload) =>
      readNotice(payload, options.name, {
        onHeads: (news) => heads.raise(news),
        onRebalance: nudge,
      }),
    onUp: nudge,
    onDown: setAway,
  })
  return {
    holderId,
    join: (member) => void members.add(member),
    async leave(member, consumerId) {
      members.delete(member)
      await queue
      if (consumerId === undefined) return
      leaving.add(consumerId)
      await now().catch(() => undefined)
    },
    now,
    fresh: () => performance.now() - lastBeat < leaseMs,
    async close() {
      closed = true
      clearTimeout(timer)
      await queue
      await session.close()
      await database
        .query('DELETE FROM broker.holder WHERE id = $1', [holderId])
        .catch(() => undefined)
    },
  }
}

/** Opens the session and waits until it stands, as others would take us for dead before. */
const standUp = (options: Parameters<typeof openSession>[0]): Promise<Session> =>
  new Promise((resolve, reject) => {
    let standing = false
    const late = setTimeout(() => {
      void session.close()
      reject(brokerAway(new Error('the session could not be opened')))
    }, 5000)
    const session = openSession({
      ...options,
      onUp: () => {
        clearTimeout(late)
        if (standing) return options.onUp()
        standing = true
        resolve(session)
      },
    })
  })

const addHolder = `
  INSERT INTO broker.holder (expires_at) VALUES (clock_timestamp() + interval '8 s') RETURNING id`

const leave = `
  WITH freed AS (
    UPDATE broker.delivery SET consumer_id = NULL, fetched = false WHERE consumer_id = ANY ($1::bigint[])
  )
  DELETE FROM broker.consumer WHERE id = ANY ($1::bigint[])`

interface Report {
  readonly alive: boolean
  readonly consumers: readonly (readonly [number, number])[] | null
  readonly cursors: readonly (readonly [number, number, number | null, number])[] | null
  readonly heads: readonly (readonly [number, number])[] | null
}

const look = async (database: Database, holderId: number, members: readonly Member[]) => {
  const subscriptions = [...new Set(members.flatMap((member) => member.subscriptionIds))]
  const topics = [...new Set(members.flatMap((member) => member.topicIds))]
  const [row] = await ask<{ report: Report }>(
    database,
    pulse,
    [holderId, subscriptions, topics],
    pulsePatienceMs,
  )
  if (!row) throw new TypeError('broker.pulse answered no row')
  const { report } = row
  const views = new Map(
    subscriptions.map((id) => [
      id,
      { consumers: new Array<number>(), cursors: new Array<CursorView>() },
    ]),
  )
  for (const [id, consumer] of report.consumers ?? []) views.get(id)?.consumers.push(consumer)
  for (const [id, partitionId, consumerId, epoch] of report.cursors ?? [])
    views.get(id)?.cursors.push({ partitionId, consumerId, epoch })
  return { alive: report.alive, heads: report.heads ?? [], views }
}

const pulse = 'SELECT broker.pulse($1, $2, $3) AS report'
