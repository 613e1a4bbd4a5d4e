import type { Context } from 'hono'
import type { EdgeEnv } from '../../shared/http/edge-env.ts'
import type { ReadSide } from './read-side.ts'

/** Whose things a request may see: one subject's, or everybody's (`undefined`). */
export const visibleOwner = (c: Context<EdgeEnv>, { auth }: ReadSide): string | undefined => {
  if (auth === 'off') return undefined
  const caller = c.get('caller')
  if (caller?.agent) return undefined
  // Without a caller nothing is visible; the edge has answered 401 before.
  return caller?.subject ?? ''
}

/**
 * What was found, for those who may see it; nothing for others, so that no answer tells them that it
 * is there, nor how far, also while a version of it is waited for.
 */
export const ifVisible = <Row>(
  c: Context<EdgeEnv>,
  readSide: ReadSide,
  found: Row | undefined,
  ownerOf: (row: Row) => string | null,
): Row | undefined =>
  found !== undefined && maySee(c, readSide, ownerOf(found)) ? found : undefined

/** A thing without an owner is for agents only: nobody else can say that it is theirs. */
export const maySee = (c: Context<EdgeEnv>, readSide: ReadSide, owner: string | null): boolean => {
  const visible = visibleOwner(c, readSide)
  return visible === undefined || visible === owner
}
