import { getTableConfig } from 'drizzle-orm/pg-core'
import { tableName } from '../projection/projections.ts'
import type { View } from '../projection/view.ts'

/** Where tables are built beside the live ones: for a swap, and only to be compared. */
export type BesideSchema = 'read_next' | 'read_diff'

export const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`

export const liveTable = (view: View): string =>
  `${quote(getTableConfig(view.table).schema ?? 'public')}.${quote(tableName(view))}`

export const besideTable = (schema: BesideSchema, view: View): string =>
  `${quote(schema)}.${quote(tableName(view))}`
