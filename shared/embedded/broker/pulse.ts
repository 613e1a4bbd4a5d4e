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
// A holder is alive for 8 s, and renewed when less than 6.5 s of them are left.
const leaseMs = 6500
const lockClass = 1_651_666_795

/** Registers this process as a holder and starts its pulse: one statement a second when idle. */
export const startPulse = async (options: PulseOptions): Promise<Pulse> => {
  const [row] = await ask<{ id: number }>(options.database, addHolder)
  if (!row) throw new TypeError('the holder was not added')
  const pulse = new Pulse(options, row.id)
  await pulse.open()
  return pulse
}

/** The pulse of a process: renews its lease, and tells its consumers who else there is. */
export class Pulse {
  readonly holderId: number
  readonly #options: PulseOptions
  readonly #members = new Set<Member>()
  readonly #leaving = new Set<number>()
  #away = false
  #closed = false
  #lastBeat = performance.now()
  #timer: ReturnType<typeof setTimeout> | undefined
  #queue: Promise<void> = Promise.resolve()
  #queued: Promise<void> | undefined
  #session: Session | undefined

  constructor(options: PulseOptions, holderId: number) {
    this.#options = options
    this.holderId = holderId
  }

  /** Stands up the session that shows this process alive. Throws `broker-unavailable`. */
  async open(): Promise<void> {
    const { database, heads, name } = this.#options
    const nudge = () => void this.now().catch(() => undefined)
    const reader = { onHeads: heads.raise.bind(heads), onRebalance: nudge }
    this.#session = await standUp({
      url: database.url,
      channel,
      lock: [lockClass, this.holderId],
      onNotify: (payload) => readNotice(payload, name, reader),
      onUp: nudge,
      onDown: (error) => this.#setAway(error),
    })
  }

  /** The member takes part from the next pulse on. */
  join(member: Member): void {
    this.#members.add(member)
  }

  /** Takes the consumer out, at the latest when the broker is back; resolves after the running beat. */
  async leave(member: Member, consumerId?: number): Promise<void> {
    this.#members.delete(member)
    await this.#queue
    if (consumerId === undefined) return
    this.#leaving.add(consumerId)
    await this.now().catch(() => undefined)
  }

  /** What a consumer asked for was lost: all wait for the next pulse that finds the broker back. */
  missed(error: unknown): void {
    if (this.#away || this.#closed) return
    this.#setAway(error)
    this.#schedule(retryMs)
  }

  /** A pulse that begins after this call. Rejects with `broker-unavailable`. */
  now(): Promise<void> {
    if (!this.#queued) {
      this.#queued = this.#queue.then(() => this.#run())
      this.#queue = this.#queued.catch(() => undefined)
    }
    return this.#queued
  }

  /** False when this process may have lost its leases without knowing, after a long stop. */
  fresh(): boolean {
    return performance.now() - this.#lastBeat < leaseMs
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#queue
    await this.#session?.close()
    await ask(this.#options.database, removeHolder, [this.holderId]).catch(() => undefined)
  }

  async #run(): Promise<void> {
    this.#queued = undefined
    if (this.#closed) return
    try {
      await this.#beat()
      this.#schedule(restMs)
    } catch (error) {
      this.#setAway(error)
      this.#schedule(retryMs)
      throw error
    }
  }

  async #beat(): Promise<void> {
    const began = performance.now()
    const taking = [...this.#members]
    await this.#takeOut()
    const result = await look(this.#options.database, this.holderId, taking)
    // Without our lock others take us for dead: the session is about to take it again.
    if (!result.alive) {
      this.#session?.reopen()
      throw brokerAway(new Error('the session of this process is not up'))
    }
    const stale = !this.fresh()
    this.#lastBeat = began
    this.#options.heads.raise(result.heads)
    await Promise.all(taking.map((member) => member.beat(result.views)))
    // Who asked for messages meanwhile was given none, though some may be there.
    if (!this.#away && !stale) return
    this.#away = false
    for (const member of this.#members) member.up()
  }

  async #takeOut(): Promise<void> {
    const gone = [...this.#leaving]
    if (gone.length === 0) return
    await ask(this.#options.database, leave, [gone])
    for (const consumer of gone) this.#leaving.delete(consumer)
    this.#options.notices.rebalance()
  }

  #setAway(error: unknown): void {
    if (this.#away || this.#closed) return
    this.#away = true
    for (const member of this.#members) member.down(error)
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer)
    if (!this.#closed) this.#timer = setTimeout(() => void this.now().catch(() => undefined), ms)
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

const removeHolder = 'DELETE FROM broker.holder WHERE id = $1'

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
