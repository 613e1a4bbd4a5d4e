import { getTableConfig } from 'drizzle-orm/pg-core'
import type { Stream, View } from './view.ts'

/**
 * Tables that change together: the heads of some streams, and every view that is linked to one of
 * them. It is rebuilt as a whole, since the version of a head says what its links have seen.
 */
export interface Projection {
  /** Of its last head: the one that those before it tell about. */
  readonly name: string
  readonly streams: readonly Stream[]
  /** In the order in which the projector locks them. */
  readonly heads: readonly View[]
  /** Heads first, each view once. */
  readonly views: readonly View[]
}

/** All there is to rebuild: it follows from the streams that the projector is given. */
export function projectionsOf(streams: readonly Stream[]): readonly Projection[] {
  let groups: readonly (readonly Stream[])[] = []
  for (const stream of streams) {
    const joined = groups.filter((group) => group.some((other) => shareView(other, stream)))
    groups = [...groups.filter((group) => !joined.includes(group)), [...joined.flat(), stream]]
  }
  return groups.map((group) => projection(streams.filter((stream) => group.includes(stream))))
}

const viewsOf = ({ head, links }: Stream): readonly View[] => [head as View, ...links]

const shareView = (one: Stream, other: Stream) =>
  viewsOf(one).some((view) => viewsOf(other).includes(view))

function projection(streams: readonly Stream[]): Projection {
  const heads = streams.map(({ head }) => head as View)
  const views = [...new Set([...heads, ...streams.flatMap(({ links }) => links)])]
  return { name: heads.at(-1)?.name ?? '', streams, heads, views }
}

/** The projection that goes by this name, or has a view or table of this name. */
export const findProjection = (
  projections: readonly Projection[],
  name: string,
): Projection | undefined =>
  projections.find((found) => found.name === name) ??
  projections.find(({ views }) =>
    views.some((view) => view.name === name || tableName(view) === name),
  )

export const tableName = ({ table }: View): string => getTableConfig(table).name
