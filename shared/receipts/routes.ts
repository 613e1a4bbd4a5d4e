import type { Context } from 'hono'
import { z } from 'zod'
import { receipt } from '../contracts/receipts.ts'
import type { EdgeEnv } from '../http/edge-env.ts'
import { askedWait, preferenceApplied, preferredWait } from '../http/prefer.ts'
import { type Route, route } from '../http/route.ts'
import { type FindOptions, findReceipt, unknownHere } from './find.ts'
import { hrefOf } from './links.ts'
import type { OutcomeWatcher } from './outcomes.ts'
import { type StoredReceipt, isFinal } from './read-receipt.ts'
import { streamReceipt } from './stream.ts'

export interface ReceiptRouteOptions extends FindOptions {
  readonly watcher: OutcomeWatcher
  /** Where the query side is reached from outside. */
  readonly queryUrl: string
  /** Who reads the rows, for what is not known here. Absent where they are read, or nobody is known. */
  readonly elsewhere?: string | undefined
  /** Milliseconds between heartbeats of a stream. Default 15,000. */
  readonly heartbeatMs?: number
}

export const receiptView = receipt
  .extend({ href: z.string().meta({ description: 'where the thing is read' }) })
  .meta({ id: 'Receipt' })

/**
 * A receipt as it is shown: with the address of its thing, without its owner. Keys in the order of the contract.
 */
export const showReceipt = (
  queryUrl: string,
  found: StoredReceipt,
): z.output<typeof receiptView> => {
  const { owner: _hidden, command_id, type, status, id, ...rest } = found
  return { command_id, type, status, id, href: hrefOf(queryUrl, type, id), ...rest }
}

/**
 * `GET /commands/{id}`, the same on both APIs. With AUTH=jwt mount it where tokens are read but not
 * demanded: a command that anybody may send is followed with its ticket alone.
 */
export const receiptRoutes = (options: ReceiptRouteOptions): readonly Route[] => [
  route({
    method: 'get',
    path: '/commands/{id}',
    operationId: 'getReceipt',
    summary: 'What became of a command',
    description:
      'Follow the Location of a 202. `accept: text/event-stream` gives one event a status change.',
    tags: ['commands'],
    params: z.object({ id: z.string().max(200) }),
    query: z.object({
      ticket: z.string().optional().meta({ description: 'from the Location of the 202' }),
      wait: z.string().optional().meta({ type: 'integer', minimum: 0, maximum: 20 }),
    }),
    headers: {
      prefer: '`wait=N`: answer when the command has finished, after N seconds (20 at most) anyway',
      'last-event-id': 'for event streams: the last event seen',
    },
    answers: {
      200: {
        description: 'The receipt',
        schema: receiptView,
        example: exampleReceipt,
        alsoAs: ['text/event-stream'],
        headers: { 'preference-applied': 'which wait was honoured' },
      },
      307: {
        description: 'This process has no database, and was not there when the command was sent',
        headers: { location: 'the same on the query side' },
      },
      204: { description: 'Nothing comes after the event that `Last-Event-ID` names' },
    },
    problems: ['unauthenticated', 'not-found', 'gone', 'database-unavailable'],
    handle: (c, { params, query }) => answer(c, options, params.id.toLowerCase(), query),
  }),
]

const answer = async (
  c: Context<EdgeEnv>,
  options: ReceiptRouteOptions,
  id: string,
  query: { readonly ticket?: string | undefined; readonly wait?: string | undefined },
): Promise<Response> => {
  const preferred = preferredWait(c.req.header('prefer'))
  const wait = preferred ?? askedWait(query.wait) ?? 0
  const elsewhere = otherHost(c, options.elsewhere)
  const known = await findReceipt(options, {
    id,
    ticket: query.ticket,
    caller: c.get('caller'),
    settleForTicket: elsewhere === undefined,
  })
  if (known === unknownHere) {
    const { pathname, search } = new URL(c.req.url)
    return c.redirect(`${elsewhere}${pathname}${search}`, 307)
  }
  const show = (found: StoredReceipt) => showReceipt(options.queryUrl, found)
  if (c.req.header('accept')?.includes('text/event-stream'))
    return streamReceipt(c, { ...options, elsewhere, show }, known)
  const finished =
    wait > 0 && !isFinal(known)
      ? await options.watcher.waitFor(id, wait * 1000, c.req.raw.signal)
      : undefined
  const shown = finished ?? known
  return c.json(show(shown), 200, {
    'cache-control': 'no-store',
    ...(preferred === undefined ? {} : preferenceApplied(preferred)),
    ...(isFinal(shown) ? {} : { 'retry-after': '1' }),
  })
}

/** Undefined for an address that leads back here: it would do so for ever. */
const otherHost = (c: Context<EdgeEnv>, url: string | undefined): string | undefined =>
  url === undefined || new URL(url).host === new URL(c.req.url).host
    ? undefined
    : url.replace(/\/+$/, '')

const exampleReceipt = {
  command_id: '0197f1aa-5c1e-7d3a-8b9e-2f6f0c1d2e3f',
  type: 'aeroalpes.reservations.CreateReservation.v1',
  status: 'completed',
  id: '0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
  href: 'http://127.0.0.1:8001/reservations/0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
  version: 1,
  submitted_at: '2026-11-20T10:00:00.000Z',
  finished_at: '2026-11-20T10:00:00.021Z',
  attempts: 1,
  events: [
    {
      id: '5d0f2f0e-7d5f-5b0a-9b43-7a3c1f7e9d10',
      type: 'aeroalpes.reservations.ReservationCreated.v1',
    },
  ],
  problem: null,
}
