import type { z } from 'zod'
import type { AnswerDefinition, RouteDefinition } from '../shared/http/route-definition.ts'
import { type Route, route } from '../shared/http/route.ts'
import { receiptView } from '../shared/receipts/routes.ts'
import { accepted } from './accepted.ts'

type Shape = z.ZodType
type Definition<Params extends Shape | undefined, Body extends Shape> = Omit<
  RouteDefinition<Params, undefined, Body>,
  'method' | 'query' | 'headers' | 'answers' | 'secured'
> & {
  readonly method?: 'post' | 'put'
  /** True where anybody may come, also with AUTH=jwt. */
  readonly open?: boolean
}

/** A route that sends a command: what all of them have in common is said here once. */
export const commandRoute = <Params extends Shape | undefined, Body extends Shape>({
  open = false,
  ...definition
}: Definition<Params, Body>): Route =>
  route<Params, undefined, Body>({
    method: 'post',
    ...definition,
    headers: definition.params ? { ...headers, 'If-Match': ifMatch } : headers,
    answers,
    problems: [
      ...(definition.problems ?? []),
      'idempotency-key-reused',
      'broker-unavailable',
      'database-unavailable',
      ...(open ? [] : (['unauthenticated', 'forbidden'] as const)),
    ],
    secured: !open,
  } as RouteDefinition<Params, undefined, Body>)

const headers = {
  'Idempotency-Key':
    'Makes repeating the request safe for 7 days: every repeat speaks of the same command.',
  Prefer:
    '`wait=N`: answer with the receipt if the command finishes within N seconds (20 at most).',
} as const
const ifMatch =
  'The version that you have seen, such as `"3"`: the command is rejected with `version-mismatch` when the thing has changed since.'

const commandId = '019aa3c4-5b7e-7c1d-8e2f-3a4b5c6d7e8f'
const thingId = '019aa3c4-5b7e-7c1d-8e2f-0123456789ab'
const ticket = '1.WyIwMTlhYTNjNC4uLg.c2lnbmF0dXJl'

const answers: Readonly<Record<number, AnswerDefinition>> = {
  202: {
    description: 'The command is stored and will be carried out.',
    schema: accepted,
    headers: {
      Location: 'Where its receipt is, from now on.',
      'Retry-After': 'Seconds after which asking there makes sense.',
      'Preference-Applied': 'The wait that was honoured, where one was asked for.',
    },
    example: {
      command_id: commandId,
      status: 'accepted',
      id: thingId,
      href: `http://127.0.0.1:8001/reservations/${thingId}`,
      status_url: `http://127.0.0.1:8000/commands/${commandId}?ticket=${ticket}`,
    },
  },
  200: {
    description: 'With `Prefer: wait`: the command has finished, and this is its receipt.',
    schema: receiptView,
    headers: { 'Preference-Applied': 'The wait that was honoured.' },
    example: {
      command_id: commandId,
      type: 'aeroalpes.reservations.CreateReservation.v1',
      status: 'completed',
      id: thingId,
      href: `http://127.0.0.1:8001/reservations/${thingId}`,
      version: 1,
      submitted_at: '2026-11-22T13:10:00.000Z',
      finished_at: '2026-11-22T13:10:00.042Z',
      attempts: 1,
      events: [{ id: thingId, type: 'aeroalpes.reservations.ReservationCreated.v1' }],
      problem: null,
    },
  },
}
