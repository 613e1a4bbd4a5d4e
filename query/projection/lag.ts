import { Gauge, type Registry } from 'prom-client'
import { subscriptions } from '../../shared/contracts/topology.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import type { Check } from '../../shared/runtime/role.ts'
import type { StreamEvent } from './view.ts'

/** How many events of a module wait to be projected; null when nobody can tell. */
export type BacklogOf = (module: string) => Promise<number | null>

/** Asks the broker, at most once a second for each module. */
export const backlogReader = (broker: Pick<Broker, 'stats'>, now = Date.now): BacklogOf => {
  const known = new Map<string, { readonly at: number; readonly backlog: Promise<number | null> }>()
  return (module) => {
    const last = known.get(module)
    if (last && now() - last.at < 1000) return last.backlog
    const backlog = broker.stats(`persistent://aeroalpes/events/${module}`).then(
      (stats) =>
        stats.subscriptions.find(({ name }) => name === subscriptions.projector)?.backlog ?? null,
      // Lag is told along with other news: not knowing it is no reason to fail.
      () => null,
    )
    known.set(module, { at: now(), backlog })
    return backlog
  }
}

export interface LagMeter {
  projected(events: readonly StreamEvent[]): void
  check(): Promise<readonly Check[]>
}

export interface LagOptions {
  readonly modules: readonly string[]
  readonly backlogOf: BacklogOf
  readonly registry: Registry
  readonly now?: () => number
}

interface Lag {
  readonly backlog: number | null
  readonly seconds: number
}

/** Seconds behind from which on a projector is not ready. */
const tooFarBehind = 60

/**
 * How far each module's views are behind: the age of the last event applied while others wait, else 0.
 * The age counts from when nothing was seen to wait, and before that from the start of this process.
 */
export const lagMeter = ({
  modules,
  backlogOf,
  registry,
  now = Date.now,
}: LagOptions): LagMeter => {
  const started = now()
  const last = new Map<string, number>()
  const seenEmpty = new Map<string, number>()
  const measure = async (module: string): Promise<Lag> => {
    const backlog = await backlogOf(module)
    if (backlog === 0) seenEmpty.set(module, now())
    // What waits now has come after the last event that was applied, and after nothing waited.
    const since = Math.max(last.get(module) ?? started, seenEmpty.get(module) ?? 0)
    return { backlog, seconds: backlog ? Math.max(0, now() - since) / 1000 : 0 }
  }
  registerGauges(registry, modules, measure)
  return {
    projected(events) {
      for (const { module, time } of events)
        last.set(module, Math.max(last.get(module) ?? 0, time.getTime()))
    },
    async check() {
      return Promise.all(
        modules.map(async (module) => {
          const { backlog, seconds } = await measure(module)
          const detail = `${backlog ?? 'unknown'} events wait, ${Math.round(seconds)} s behind`
          return { name: `lag of ${module}`, ok: seconds < tooFarBehind, detail }
        }),
      )
    },
  }
}

const registerGauges = (
  registry: Registry,
  modules: readonly string[],
  measure: (module: string) => Promise<Lag>,
) => {
  const gauge = (name: string, help: string, valueOf: (lag: Lag) => number | null) =>
    new Gauge({
      name,
      help,
      labelNames: ['module'],
      registers: [registry],
      async collect() {
        for (const module of modules) {
          const value = valueOf(await measure(module))
          if (value === null) this.remove({ module })
          else this.set({ module }, value)
        }
      },
    })
  gauge(
    'aero_projection_lag_seconds',
    'Age of the last event in the views of a module while others wait, else 0',
    ({ backlog, seconds }) => (backlog === null ? null : seconds),
  )
  gauge(
    'aero_projection_backlog_events',
    'Events of a module that wait to be projected',
    ({ backlog }) => backlog,
  )
}
