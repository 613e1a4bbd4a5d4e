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
 * The projector as a consumer's work. An event behind a gap is deferred, and tried again like a taken
 * lock when its turn comes once more: it is never applied, never counted as a failure, never lost.
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
      const waiting = new Map(early.map((event) => [event.id, event]))
      const [behind] = early
      if (wait && behind)
        throw blame(
          contended(`an event of ${behind.subject} before its ${behind.sequence}th is missing`),
          behind.id,
        )
      projected = due
      return { deferred: deliveries.filter(({ id }) => waiting.has(id)) }
    },
    committed() {
      onProjected?.(projected)
    },
  }
}
