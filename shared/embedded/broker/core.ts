import type { Database } from '../../postgres/database.ts'
import type { CursorStore } from './cursor-store.ts'
import type { Heads } from './heads.ts'
import type { Notices } from './notices.ts'
import type { Pulse } from './pulse.ts'
import type { Reader } from './reader.ts'
import type { Topics } from './topics.ts'

/** What all publishers and consumers of one process share. */
export interface BrokerCore {
  readonly database: Database
  readonly topics: Topics
  readonly heads: Heads
  readonly notices: Notices
  readonly reader: Reader
  readonly cursors: CursorStore
  /** Starts with the first consumer: a process that only publishes holds no session. */
  pulse(): Promise<Pulse>
}
