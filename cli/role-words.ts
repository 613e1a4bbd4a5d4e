import { type RoleName, roleNames } from '../shared/runtime/role.ts'
import { Exit } from './exit.ts'

/** Throws `Exit` (usage) for a name that is no role. */
export function parseRoles(words: readonly string[]): RoleName[] {
  return words.map((word) => {
    const name = roleNames.find((role) => role === word)
    if (name) return name
    throw new Exit('usage', `${word} is not a role; choose from ${roleNames.join(', ')}`)
  })
}
