import { blame, contended } from '../../shared/delivery/failures.ts'
import type { Work } from '../../shared/delivery/work.ts'
import { batchProjector } from './project-batch.ts'
import type { Stream, StreamEvent } from './view.ts'

export interface ProjectorOptions {
  readonly streams: readonly Stream[]
  /** Told what is in the views now, for measuring how far behind they are. */
  readonly onProjected?: (events: readonly StreamEvent[]) => void
}

/**
 * The projector as a consumer's work. An aggregate with a gap in its events is deferred as a whole, and
 * tried again like a taken lock: nothing is applied out of order, counted as a failure, or lost.
 */
export function projectorWork({ streams, onProjected }: ProjectorOptions): Work {
  const projector = batchProjector(streams)
  let projected: readonly StreamEvent[] = []
  return {
    async handle(transaction, deliveries, { wait }) {
      const { due, early } = await projector.project(
        transaction,
        deliveries.map(({ envelope }) => envelope),
      )
      const [behind] = early
      if (wait && behind)
        throw blame(
          contended(`an event of ${behind.subject} before its ${behind.sequence}th is missing`),
          behind.id,
        )
      projected = due
      const waiting = new Set(early.map(({ subject }) => subject))
      return {
        deferred: deliveries.filter(({ envelope }) => waiting.has(envelope.subject.toLowerCase())),
      }
    },
    committed() {
      onProjected?.(projected)
    },
  }
}
