import type { Context } from 'hono'
import type { EdgeEnv } from '../../shared/http/edge-env.ts'
import { problem } from '../../shared/http/problem.ts'
import { ifVisible } from '../http/ownership.ts'
import type { ReadSide } from '../http/read-side.ts'
import { waitForVersion } from '../http/wait-for-version.ts'
import type { ListedOrder } from './order.find.ts'

/** Answers the order once it has the version asked for; to those whose it is not, as if there was none. */
export type FindVisibleOrder = (
  c: Context<EdgeEnv>,
  id: string,
  minVersion: number | undefined,
) => Promise<ListedOrder>

export const findVisibleOrder =
  (readSide: ReadSide, find: (id: string) => Promise<ListedOrder | undefined>): FindVisibleOrder =>
  async (c, id, minVersion) => {
    const order = await waitForVersion({
      what: `order ${id}`,
      minVersion,
      find: async () => ifVisible(c, readSide, await find(id), (found) => found.customer_id),
      versionOf: ({ version }) => version,
      backlog: () => readSide.backlogOf('orders'),
      signal: c.req.raw.signal,
    })
    if (!order) throw problem('not-found', 404, `There is no order ${id}.`)
    return order
  }
