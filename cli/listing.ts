import Table from 'cli-table3'

export const listingFormats = ['table', 'json', 'yaml'] as const

export type ListingFormat = (typeof listingFormats)[number]

type Cell = string | number | boolean | null

/** The same rows for people (a table without colours) and for programs (a JSON or YAML list). */
export function listing(rows: readonly Readonly<Record<string, Cell>>[], format: ListingFormat) {
  if (format === 'json') return JSON.stringify(rows, undefined, 2)
  if (format === 'yaml') return yaml(rows)
  const table = new Table({
    head: Object.keys(rows[0] ?? {}),
    style: { head: [], border: [] },
    // One line a row: twice as many fit on a screen, and `grep` finds whole ones.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const row of rows) table.push(Object.values(row).map((cell) => String(cell ?? '')))
  return table.toString()
}

// A JSON scalar is a YAML scalar (YAML 1.2, section 1.3), so flat rows need no library.
function yaml(rows: readonly Readonly<Record<string, Cell>>[]): string {
  if (rows.length === 0) return '[]'
  const entry = (row: Readonly<Record<string, Cell>>) =>
    Object.entries(row).map(([name, cell]) => `${name}: ${JSON.stringify(cell)}`)
  return rows.map((row) => `- ${entry(row).join('\n  ')}`).join('\n')
}
