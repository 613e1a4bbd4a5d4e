import type { Connection } from '../connection/connection.ts'
import { AttachLoop } from '../lookup/attach-loop.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'

export interface NamespaceWatch {
  readonly pool: ConnectionPool
  readonly operationTimeoutMs: number
  /** `tenant/namespace`. */
  readonly namespace: string
  readonly watcherId: number
  /** Topics came or went, or may have while nobody watched. */
  onChange(): void
}

/** Expressions are understood differently here and there: the broker tells of everything. */
const everything = '.*'

/**
 * Has the broker tell when topics of a namespace come or go (PIP-145). One that does not do that is
 * asked no more. Returns what ends it.
 */
export const watchNamespace = (watch: NamespaceWatch): (() => void) => {
  const { pool, namespace, watcherId, operationTimeoutMs, onChange } = watch
  let connection: Connection | undefined
  const loop = new AttachLoop({
    attach: async (answerMs) => {
      const found = await pool.any()
      if (loop.stopped) return
      found.residents.addWatcher(watcherId, { onChange, onClosed: () => void lost() })
      connection = found
      const asked = { watcherId, namespace, topicsPattern: everything }
      try {
        await found.request('watchTopicList', asked, 'watchTopicListSuccess', answerMs)
      } catch (thrown) {
        found.residents.removeWatcher(watcherId)
        throw thrown
      }
      onChange()
    },
    busy: 'consumer-busy',
    operationTimeoutMs,
    onEnded: () => undefined,
  })
  const lost = async () => {
    connection = undefined
    await loop.again()
  }
  // Without it topics are found all the same, when they are looked for the next time.
  loop.first().catch(() => undefined)
  return () => {
    loop.stop()
    connection?.residents.removeWatcher(watcherId)
    connection?.request('watchTopicListClose', { watcherId }, 'success').catch(() => undefined)
  }
}
