import { type Logger, pino } from 'pino'
import { type CommandAppOptions, commandApp } from '../../command/app.ts'
import { dispatcher } from '../../command/dispatch.ts'
import type { Claims, Identity } from '../../command/idempotency/claims.ts'
import { passwords } from '../../command/passwords.ts'
import { commandSender } from '../../command/send-command.ts'
import { problem } from '../../shared/http/problem.ts'
import { type Envelope, fromMessage } from '../../shared/messaging/envelope.ts'
import type { OutgoingMessage } from '../../shared/messaging/port.ts'
import { showReceipt } from '../../shared/receipts/routes.ts'
import type { StoredReceipt } from '../../shared/receipts/read-receipt.ts'
import { createMetrics } from '../../shared/telemetry/metrics.ts'

export const ticketSecret = 'the ticket secret of the tests, long enough'
export const credentialKey = 'the credential key of the tests, long enough'

export interface Published {
  readonly topic: string
  readonly message: OutgoingMessage
  readonly envelope: Envelope
}

export interface CommandAppUnderTest {
  readonly app: ReturnType<typeof commandApp>
  /** What the broker has stored. */
  readonly published: Published[]
  /** Receipts that a worker would have written by now, by command id, or for every command. */
  receiptOf: (commandId: string) => StoredReceipt | undefined
  /** Runs before the broker stores; throw here what the broker would. */
  beforeStored: (topic: string) => Promise<void> | void
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
}

export interface CommandAppSettings extends Partial<
  Pick<CommandAppOptions, 'verifier' | 'sessions'>
> {
  readonly claims?: Claims
  readonly deadlineMs?: number
  readonly logger?: Logger
}

/** The write side's application on a broker and an idempotency store in memory. */
export const commandAppWith = (settings: CommandAppSettings = {}): CommandAppUnderTest => {
  const published: Published[] = []
  const publish = async (topic: string, message: OutgoingMessage) => {
    await under.beforeStored(topic)
    published.push({
      topic,
      message,
      envelope: fromMessage({ payload: message.payload, properties: message.properties }),
    })
    return String(published.length)
  }
  const finished = async (commandId: string) => {
    const receipt = under.receiptOf(commandId)
    return receipt && showReceipt('http://query.example', receipt)
  }
  const send = commandSender({
    dispatch: dispatcher({ publisher: { publish }, deadlineMs: settings.deadlineMs ?? 6000 }),
    claims: settings.claims ?? claimsInMemory(),
    ticketSecret,
    links: () => ({ command: 'http://command.example', query: 'http://query.example' }),
    finished,
  })
  const watcher = {
    closed: false,
    wouldKnow: () => true,
    current: async (id: string) => under.receiptOf(id),
    waitFor: async (id: string) => under.receiptOf(id),
    close: async () => {},
  }
  const auth = settings.verifier ? 'jwt' : 'off'
  const metrics = createMetrics({ process: false })
  const app = commandApp({
    logger: settings.logger ?? pino({ level: 'silent' }),
    metrics,
    send,
    passwords: passwords(),
    credentialKey,
    sessions: settings.sessions ?? { logIn: () => Promise.reject(new Error('no sessions here')) },
    receipts: { watcher, secret: ticketSecret, auth, queryUrl: 'http://query.example' },
    ops: { checks: async () => [], draining: () => false, metrics },
    document: { title: 'commands', version: '1' },
    verifier: settings.verifier,
  })
  const under: CommandAppUnderTest = {
    app,
    published,
    receiptOf: () => undefined,
    beforeStored: () => {},
    async post(path, body = {}, headers = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const all = { 'content-type': 'application/json', ...headers }
      return app.request(path, { method: 'POST', headers: all, body: text })
    },
  }
  return under
}

const claimsInMemory = (): Claims => {
  const kept = new Map<string, Identity & { readonly fingerprint: string }>()
  return {
    async claim({ scope, ...keyed }) {
      const known = kept.get(scope) ?? { ...keyed, submittedAt: new Date() }
      kept.set(scope, known)
      if (known.fingerprint !== keyed.fingerprint)
        throw problem('idempotency-key-reused', 422, 'another request')
      return known
    },
    purge: async () => 0,
  }
}
