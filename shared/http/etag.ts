import { Invalid } from '../kernel/fates.ts'

export interface EntityTag {
  readonly weak: boolean
  /** Without the quotes. */
  readonly value: string
}

/** `"<version>.<view revision>"`, the tag of a single thing. */
export const entityTag = (version: number, revision: number): string => `"${version}.${revision}"`

const tag = /\s*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)/y

/** The tags of `If-Match` or `If-None-Match` (RFC 9110 section 8.8.3); undefined where they are no tags. */
export const parseEntityTags = (header: string): '*' | readonly EntityTag[] | undefined => {
  if (header.trim() === '*') return '*'
  const tags: EntityTag[] = []
  for (let offset = 0; offset < header.length; offset = tag.lastIndex) {
    tag.lastIndex = offset
    const match = tag.exec(header)
    if (!match) return undefined
    tags.push({ weak: match[1] !== undefined, value: match[2] ?? '' })
  }
  return tags.length > 0 ? tags : undefined
}

/** Whether `If-None-Match` names `current`: then answer 304. Weak comparison; a broken header matches nothing. */
export const matchesNone = (header: string | undefined, current: string): boolean => {
  if (header === undefined) return false
  const tags = parseEntityTags(header)
  return tags === '*' || (tags?.some(({ value }) => `"${value}"` === current) ?? false)
}

/**
 * The version that `If-Match` asks for: what stands before the dot, in the weak form too. Undefined
 * without the header and for `*` (which only asks that the thing exists). Throws `Invalid` for
 * several tags and for what is no version.
 */
export const expectedVersion = (header: string | undefined): number | undefined => {
  if (header === undefined) return undefined
  const tags = parseEntityTags(header)
  if (tags === '*') return undefined
  const [only, second] = tags ?? []
  const [, version] = /^(\d{1,15})(?:\.\d+)?$/.exec(only?.value ?? '') ?? []
  if (version === undefined || second !== undefined)
    throw new Invalid('If-Match takes one version in double quotes, such as "3", or *.', [
      { pointer: '/headers/if-match', detail: 'one version in double quotes, or *' },
    ])
  return Number(version)
}
