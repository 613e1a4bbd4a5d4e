import Table from 'cli-table3'
import { stringify } from 'yaml'
import type { ListingFormat } from './listing-formats.ts'

type Cell = string | number | boolean | null | undefined
export type Row = Readonly<Record<string, Cell>>

/** The same rows for people (a table without colours) and for programs (a JSON or YAML list). */
export function listing(rows: readonly Row[], format: ListingFormat): string {
  return format === 'table' ? tableOf(rows) : document(rows, format)
}

/** Any value for programs. */
export function document(value: unknown, format: Exclude<ListingFormat, 'table'>): string {
  if (format === 'json') return JSON.stringify(value, undefined, 2)
  return stringify(value).trimEnd()
}

/** One line a row, without colours. */
export function tableOf(rows: readonly Row[]): string {
  if (rows.length === 0) return '(none)'
  const table = new Table({
    head: Object.keys(rows[0] ?? {}),
    style: { head: [], border: [] },
    // One line a row: twice as many fit on a screen, and `grep` finds whole ones.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const row of rows) table.push(Object.values(row).map((cell) => String(cell ?? '')))
  return table.toString()
}
