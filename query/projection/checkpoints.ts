import { Gauge, type Registry } from 'prom-client'
import type { BacklogOf } from './lag.ts'
import type { Projection } from './projections.ts'
import type { StreamEvent } from './view.ts'

export interface CheckpointOptions {
  readonly projections: readonly Projection[]
  readonly backlogOf: BacklogOf
  readonly registry: Registry
}

/** Tells of each projection how far it is: the newest event in it, and how many wait for it. */
export const checkpointMeter = ({ projections, backlogOf, registry }: CheckpointOptions) => {
  const projectionOf = new Map(
    projections.flatMap(({ name, streams }) =>
      streams.flatMap(({ contracts }) =>
        Object.values(contracts).map(({ type }) => [type, name] as const),
      ),
    ),
  )
  const newest = new Map<string, number>()
  const gauge = (name: string, help: string, collect: (this: Gauge) => Promise<void> | void) =>
    new Gauge({ name, help, labelNames: ['projection'], registers: [registry], collect })
  gauge(
    'aero_projection_checkpoint_timestamp_seconds',
    'Time of the newest event that this process has applied to a projection',
    function () {
      for (const [projection, time] of newest) this.set({ projection }, time / 1000)
    },
  )
  gauge(
    'aero_projection_waiting_events',
    'Events that wait in the topics of a projection, others of these modules included',
    async function () {
      for (const projection of projections) {
        const waiting = await waitingFor(projection, backlogOf)
        if (waiting === null) this.remove({ projection: projection.name })
        else this.set({ projection: projection.name }, waiting)
      }
    },
  )
  return {
    projected(events: readonly StreamEvent[]): void {
      for (const { type, time } of events) {
        const name = projectionOf.get(type)
        if (name) newest.set(name, Math.max(newest.get(name) ?? 0, time.getTime()))
      }
    },
  }
}

/** Null when nobody can tell. */
async function waitingFor({ streams }: Projection, backlogOf: BacklogOf): Promise<number | null> {
  const modules = [...new Set(streams.map(({ module }) => module))]
  const backlogs = await Promise.all(modules.map((module) => backlogOf(module)))
  return backlogs.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0)
}
