import { type RoleName, roleNames } from '../shared/runtime/role.ts'
import type { Settings } from '../shared/runtime/settings.ts'
import { Exit } from './exit.ts'

export const isReactor = (name: RoleName) => name.startsWith('reactor.')

/** All that react; one module's alone is `reactor.<module>`. */
const groups: Readonly<Record<string, readonly RoleName[]>> = {
  reactor: roleNames.filter(isReactor),
}

/** Throws `Exit` (usage) for a name that is no role. */
export function parseRoles(words: readonly string[]): RoleName[] {
  return words.flatMap((word): readonly RoleName[] => {
    if (Object.hasOwn(groups, word)) return groups[word] ?? []
    const name = roleNames.find((role) => role === word)
    if (name) return [name]
    const known = [...roleNames, ...Object.keys(groups)].join(', ')
    throw new Exit('usage', `${word} is not a role; choose from ${known}`)
  })
}

type Style = Settings['orderFulfilment']

/** False for who carries orders through in the other style: both at once would do it twice. */
export const isInStyle = (name: RoleName, style: Style): boolean =>
  style === 'orchestration' ? !isReactor(name) : name !== 'process-manager'

/** Throws `Exit` (refused) naming a role that has nothing to do in this style. */
export function requireStyle(names: readonly RoleName[], style: Style): void {
  const idle = names.find((name) => !isInStyle(name, style))
  if (idle !== undefined)
    throw new Exit('refused', `${idle} has nothing to do with ORDER_FULFILMENT=${style}`)
}
