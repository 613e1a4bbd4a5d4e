import { path } from './http.ts'

/** `tenant/namespace` as path segments. Throws a `TypeError` for anything else. */
export function namespacePath(name: string): string {
  const parts = name.split('/')
  if (parts.length !== 2 || parts.includes('')) {
    throw new TypeError(`${JSON.stringify(name)} is no namespace; expected tenant/namespace`)
  }
  return path(...parts)
}

export interface TopicPaths {
  /** `persistent/tenant/namespace/topic` */
  readonly full: string
  /** `tenant/namespace/topic`, as schemas are named. */
  readonly bare: string
}

/**
 * `persistent://tenant/namespace/topic`, or without the scheme, as path segments. Throws a `TypeError` for anything else.
 */
export function topicPaths(name: string): TopicPaths {
  const [, domain = 'persistent', rest = ''] = /^(?:([a-z-]+):\/\/)?(.*)$/s.exec(name) ?? []
  const parts = rest.split('/')
  const known = domain === 'persistent' || domain === 'non-persistent'
  if (!known || parts.length !== 3 || parts.includes('')) {
    throw new TypeError(
      `${JSON.stringify(name)} is no topic; expected persistent://tenant/namespace/topic`,
    )
  }
  const bare = path(...parts)
  return { full: `${domain}/${bare}`, bare }
}
