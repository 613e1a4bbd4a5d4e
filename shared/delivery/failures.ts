import { Fate } from '../kernel/fates.ts'
import { databaseTrouble } from '../postgres/errors.ts'

/** What a failed run means for its message; see `Work` for who may throw what. */
export type Failure = 'contention' | 'away' | 'poison' | 'handler'

/** Sorts an error of a transaction that has been rolled back, or whose COMMIT was lost in transit. */
export const sortFailure = (error: unknown): Failure => {
  const trouble = databaseTrouble(error)
  if (trouble !== 'other') return trouble
  const fate = causes(error).find((cause) => cause instanceof Fate)?.fate
  if (fate === 'transient') return 'away'
  return fate === 'poison' ? 'poison' : 'handler'
}

/** The slug and text of an error, for receipts, lanes and dead letters. */
export const describeFailure = (error: unknown): { slug: string; detail: string } => ({
  slug: causes(error).find((cause) => cause instanceof Fate)?.slug ?? 'handler-failed',
  detail: error instanceof Error ? error.message : String(error),
})

/** Says which message is at fault, so that the others of the batch need no search. Answers the error. */
export const blame = (error: unknown, messageId: string): Error =>
  Object.assign(error instanceof Error ? error : new Error(String(error)), { messageId })

/** The message that `blame` named, looking through causes. */
export const blamed = (error: unknown): string | undefined => {
  for (const cause of causes(error)) {
    if ('messageId' in cause && typeof cause.messageId === 'string') return cause.messageId
  }
  return undefined
}

/**
 * An error that is tried again like a taken lock, and never dead-letters: for a conflict that the
 * code finds itself, such as a version that has moved. Carries SQLSTATE 55P03.
 */
export const contended = (detail: string): Error =>
  Object.assign(new Error(detail), { code: '55P03' })

const causes = (error: unknown): Error[] => {
  const found: Error[] = []
  for (let e = error; e instanceof Error && !found.includes(e); e = e.cause) found.push(e)
  return found
}
