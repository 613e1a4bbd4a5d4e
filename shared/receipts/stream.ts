import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { OutcomeWatcher } from './outcomes.ts'
import { type StoredReceipt, isFinal } from './read-receipt.ts'

export interface StreamOptions {
  readonly watcher: OutcomeWatcher
  /** Milliseconds. Default 15,000. */
  readonly heartbeatMs?: number
  /** Who else knows: where this process has missed the end perhaps, the stream ends, to go on there. */
  readonly elsewhere?: string | undefined
  readonly show: (receipt: StoredReceipt) => unknown
}

/**
 * One server-sent event a status change, until the status is final. A client that has seen the final
 * one (`Last-Event-ID`) is answered 204, which tells an EventSource not to come back.
 */
export const streamReceipt = (
  c: Context,
  options: StreamOptions,
  known: StoredReceipt,
): Response => {
  const seen = c.req.header('last-event-id')
  if (isFinal(known) && seen === eventId(known)) return c.body(null, 204)
  // Proxies that buffer would keep the first event until the last.
  c.header('x-accel-buffering', 'no')
  return streamSSE(c, async (stream) => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    let last = seen
    for await (const receipt of changes(options, known, gone.signal)) {
      if (!receipt) await stream.write(': heartbeat\n\n')
      else if (eventId(receipt) !== last) {
        last = eventId(receipt)
        await stream.writeSSE({
          event: 'status',
          id: last,
          data: JSON.stringify(options.show(receipt)),
        })
      }
    }
  })
}

/** The state as it is found, again and again, with `undefined` for every wait in which nothing ended. */
async function* changes(
  { watcher, heartbeatMs = 15_000, elsewhere }: StreamOptions,
  known: StoredReceipt,
  signal: AbortSignal,
): AsyncGenerator<StoredReceipt | undefined> {
  const sentAt = new Date(known.submitted_at)
  yield known
  for (let latest = known; !isFinal(latest) && !signal.aborted && !watcher.closed;) {
    const finished = await watcher.waitFor(known.command_id, heartbeatMs, signal)
    if (!finished && elsewhere !== undefined && !watcher.wouldKnow(sentAt)) return
    if (!finished) yield undefined
    // The row also tells what is no end: waiting behind a parked command.
    latest = finished ?? (await watcher.current(known.command_id).catch(() => undefined)) ?? latest
    yield latest
  }
}

const eventId = ({ status, problem }: StoredReceipt): string =>
  problem ? `${status}.${problem.type.split(':').at(-1)}` : status
