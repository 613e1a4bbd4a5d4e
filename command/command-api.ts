import { orAfter } from '../shared/delivery/pause.ts'
import { verifierOf } from '../shared/identity/verifier-of.ts'
import type { Broker, Publisher } from '../shared/messaging/port.ts'
import { type OutcomeWatcher, outcomeWatcher } from '../shared/receipts/outcomes.ts'
import { showReceipt } from '../shared/receipts/routes.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'
import { type Server, serve } from '../shared/runtime/serve.ts'
import { publicUrls, required } from '../shared/runtime/settings.ts'
import { type CommandAppOptions, commandApp } from './app.ts'
import { type Backing, backingOf } from './backing.ts'
import { dispatcher } from './dispatch.ts'
import { type Passwords, passwords } from './passwords.ts'
import { answers } from './readiness.ts'
import { commandSender } from './send-command.ts'

/** The role `command-api`: takes commands over HTTP and hands them to the broker. Throws `PortTaken`. */
export const commandApi = async (context: RoleContext): Promise<Role> => {
  const { settings } = context
  const hashing = passwords()
  const [broker, backing] = await Promise.all([context.broker(), backingOf(context, hashing)])
  const parts = partsOf(context, broker, backing, hashing)
  const { state, watcher, publisher } = parts
  let server: Server
  try {
    const app = commandApp(optionsOf(parts))
    server = serve({
      fetch: (request, peer) => app.fetch(request, peer),
      host: settings.host,
      port: settings.commandPort,
      setting: 'COMMAND_PORT',
    })
    state.port = server.port
  } catch (error) {
    await Promise.all([watcher.close(), publisher.close(), backing.stop()])
    throw error
  }
  const drain = async () => {
    state.draining = true
    // Whoever waits for a receipt gets the 202 now; the others have their answer in a moment anyway,
    // or, from a broker that is away, not in time before they are cut off.
    const silenced = watcher.close()
    const patience = setTimeout(() => parts.hurry.abort(), drainMs.answers)
    await server.stop()
    clearTimeout(patience)
    // Everybody has an answer: nobody is told any more what becomes of what is sent still.
    await Promise.all([orAfter(drainMs.publisher, publisher.close()), silenced, backing.stop()])
  }
  let drained: Promise<void> | undefined
  return {
    name: 'command-api',
    urls: { command: server.url },
    check: parts.check,
    stop: () => (drained ??= drain()),
  }
}

/** For a broker that is away; one that is there takes a moment. */
const drainMs = { answers: 2000, publisher: 500 } as const

interface State {
  draining: boolean
  /** The one that was given, until the one that is listened on is known. */
  port: number
}

interface Parts {
  readonly context: RoleContext
  readonly backing: Backing
  readonly hashing: Passwords
  readonly watcher: OutcomeWatcher
  readonly publisher: Publisher
  readonly state: State
  readonly hurry: AbortController
  readonly check: Role['check']
}

const partsOf = (
  context: RoleContext,
  broker: Broker,
  backing: Backing,
  hashing: Passwords,
): Parts => {
  const { settings, logger } = context
  const { readReceipt } = backing
  return {
    context,
    backing,
    hashing,
    watcher: outcomeWatcher({ broker, logger, ...(readReceipt ? { read: readReceipt } : {}) }),
    publisher: broker.publisher(),
    state: { draining: false, port: settings.commandPort },
    hurry: new AbortController(),
    check: async () =>
      (await Promise.all([answers('broker', broker.check()), backing.checks()])).flat(),
  }
}

const optionsOf = (parts: Parts): CommandAppOptions => {
  const { backing, hashing, watcher, state } = parts
  const { settings, logger, metrics } = parts.context
  const ticketSecret = required(settings, 'ticketSecret')
  const links = () => publicUrls({ ...settings, commandPort: state.port })
  return {
    logger,
    metrics,
    send: commandSender({
      dispatch: dispatcher({ publisher: parts.publisher, hurry: parts.hurry.signal }),
      claims: backing.claims,
      ticketSecret,
      links,
      async finished(commandId, milliseconds, signal) {
        const receipt = await watcher.waitFor(commandId, milliseconds, signal)
        return receipt && showReceipt(links().query, receipt)
      },
    }),
    passwords: hashing,
    credentialKey: required(settings, 'credentialKey'),
    sessions: backing.sessions,
    receipts: {
      watcher,
      secret: ticketSecret,
      auth: settings.auth,
      queryUrl: links().query,
      elsewhere: backing.elsewhere,
    },
    ops: { checks: parts.check, draining: () => state.draining, metrics },
    document: { title: 'AeroAlpes commands', version: '1' },
    verifier: verifierOf(settings),
  }
}
