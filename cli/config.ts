import { definitions, type SettingName, type SettingSource } from '../shared/runtime/settings.ts'
import type { ListingFormat } from './listing-formats.ts'
import { listing } from './listing.ts'

/** Every setting with its value, where that comes from, and what it means; secrets masked. */
export function configListing({ settings, sources }: SettingSource, format: ListingFormat): string {
  const names = Object.keys(definitions) as SettingName[]
  const rows = names.map((key) => ({
    name: definitions[key].variable,
    value: shown(key, settings[key]),
    source: sources[key],
    meaning: definitions[key].meaning,
  }))
  return listing(rows, format)
}

function shown(key: SettingName, value: unknown): string | number | boolean | null {
  if (value === undefined) return null
  if (definitions[key].secret) return '********'
  return value as string | number | boolean
}
