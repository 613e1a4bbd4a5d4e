import { personalData } from '../shared/contracts/users.ts'

// In clear only in messages of others and in addresses of orders: what we seal stays sealed anyway.
const personal = new Set([
  ...Object.keys(personalData.shape),
  'recipient',
  'street',
  'city',
  'postal_code',
  'password',
  'password_hash',
])

/** Whether a field of that name tells who somebody is. */
export const isPersonal = (name: string): boolean => personal.has(name)

/** A value of JSON without what tells who somebody is, for a screen that others may see. */
export const hidden = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(hidden)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isPersonal(name) && inner !== null ? '(hidden)' : hidden(inner),
    ]),
  )
}
