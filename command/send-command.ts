import type { Context } from 'hono'
import type { CommandName, Commands } from '../shared/contracts/topology.ts'
import { commands } from '../shared/contracts/topology.ts'
import type { DataOf } from '../shared/contracts/contract.ts'
import type { EdgeEnv } from '../shared/http/edge-env.ts'
import { expectedVersion } from '../shared/http/etag.ts'
import { preferenceApplied, preferredWait } from '../shared/http/prefer.ts'
import { Invalid } from '../shared/kernel/fates.ts'
import { canonicalJson } from '../shared/kernel/canonical-json.ts'
import { derivedId, newId } from '../shared/kernel/ids.ts'
import { digest } from '../shared/kernel/sealing.ts'
import { signTicket } from '../shared/receipts/ticket.ts'
import { type Links, acceptedAnswer } from './accepted.ts'
import type { Dispatch, Submitted } from './dispatch.ts'
import type { Claims, Identity } from './idempotency/claims.ts'
import { idempotencyKey } from './idempotency/key-header.ts'
import type { SendCommand, Submission } from './submission.ts'

export interface SendCommandOptions {
  readonly dispatch: Dispatch
  readonly claims: Claims
  readonly ticketSecret: string
  readonly links: () => Links
  /** The finished receipt in its public form, if it comes in time. */
  readonly finished: (
    commandId: string,
    milliseconds: number,
    signal: AbortSignal,
  ) => Promise<object | undefined>
}

/** What the headers of a request ask for. Read before anything is done, so that a wrong one costs nothing. */
interface Wishes {
  readonly wait: number | undefined
  readonly key: string | undefined
  readonly expectedVersion: number | undefined
}

export const commandSender = (options: SendCommandOptions): SendCommand => {
  const { dispatch, claims, ticketSecret, links, finished } = options
  return async <Name extends CommandName>(c: Context<EdgeEnv>, submission: Submission<Name>) => {
    const wishes = wishesOf(c, submission)
    const fingerprint = fingerprintOf(c, submission, ticketSecret)
    const anew = { commandId: newId(), targetId: submission.target ?? newId() }
    const identity: Identity =
      wishes.key === undefined
        ? { ...anew, submittedAt: new Date() }
        : await claims.claim({
            ...keyedIds(scopeOf(c, wishes.key, ticketSecret), submission),
            fingerprint,
            anew,
          })
    c.set('correlationId', identity.commandId)
    const data = (await submission.data(identity.targetId)) as DataOf<Commands[Name]>
    const about = submittedOf(c, identity, wishes, fingerprint)
    await dispatch(submission.name, data, about)

    const ticket = signTicket(ticketSecret, {
      command_id: identity.commandId,
      type: commands[submission.name].type,
      target_id: identity.targetId,
      owner: about.owner ?? null,
      submitted_at: about.time,
    })
    const accepted = () => acceptedAnswer(links(), submission.name, identity, ticket)
    if (wishes.wait === undefined) return accepted()
    const receipt = await finished(identity.commandId, wishes.wait * 1000, c.req.raw.signal)
    const answer = receipt === undefined ? accepted() : c.json(receipt)
    for (const [name, value] of Object.entries(preferenceApplied(wishes.wait)))
      answer.headers.set(name, value)
    return answer
  }
}

const wishesOf = (c: Context<EdgeEnv>, { target, makes = false }: Submission): Wishes => {
  const ifMatch = c.req.header('if-match')
  if (ifMatch !== undefined && (makes || target === undefined))
    throw new Invalid('If-Match has no meaning for a thing that is yet to be made.', [
      { pointer: '/headers/if-match', detail: 'leave it out here' },
    ])
  return {
    wait: preferredWait(c.req.header('prefer')),
    key: idempotencyKey(c.req.header('idempotency-key')),
    expectedVersion: expectedVersion(ifMatch),
  }
}

/** One key may be used by two callers without either learning of the other. */
const scopeOf = (c: Context<EdgeEnv>, key: string, secret: string) => {
  const caller = c.get('caller')
  return digest(secret, 'idempotency-key', ...(caller ? [caller.subject] : []), key)
}

/** The same on every machine, so that the inbox keeps one of many, also where no database is asked. */
const keyedIds = (scope: string, { target }: Submission) => ({
  scope,
  commandId: derivedId(scope, 'command'),
  targetId: target ?? derivedId(scope, 'target'),
})

const fingerprintOf = (c: Context<EdgeEnv>, { body }: Submission, secret: string) =>
  digest(
    secret,
    'fingerprint',
    c.req.method,
    c.req.path.toLowerCase(),
    canonicalJson(body),
    c.req.header('if-match') ?? '',
  )

const submittedOf = (
  c: Context<EdgeEnv>,
  { commandId, submittedAt }: Identity,
  wishes: Wishes,
  fingerprint: string,
): Submitted => {
  const [caller, trace] = [c.get('caller'), c.get('trace')]
  return {
    commandId,
    // A repeat keeps the time of the first: a worker refuses what is older than its memory of ids.
    time: submittedAt.toISOString(),
    traceparent: trace.traceparent,
    ...(trace.tracestate === undefined ? {} : { tracestate: trace.tracestate }),
    ...(caller === undefined ? {} : { owner: caller.subject }),
    ...(caller?.agent ? { agent: true } : {}),
    ...(wishes.expectedVersion === undefined ? {} : { expectedVersion: wishes.expectedVersion }),
    ...(wishes.key === undefined ? {} : { fingerprint }),
  }
}
