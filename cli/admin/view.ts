import { tableOf, type Row } from '../listing.ts'

export interface Section {
  readonly title?: string
  readonly rows: readonly Row[]
}

/** What people are shown: plain text, or tables one below the other. */
export type View = string | readonly Section[]

/** An answer that needs no words of its own. */
export function viewOf(answer: unknown): View {
  if (answer === undefined || answer === null) return 'not set'
  if (typeof answer !== 'object') return String(answer)
  if (Array.isArray(answer)) return answer.map(String).join('\n') || '(none)'
  return [{ rows: fields(answer) }]
}

/** What an object says, a line each; what is in it is named by its path. */
export const fields = (thing: object, within = ''): Row[] =>
  Object.entries(thing).flatMap(([field, value]: [string, unknown]) => {
    const name = `${within}${field}`
    if (typeof value !== 'object' || value === null) return [{ name, value: cell(value) }]
    if (Array.isArray(value)) return [{ name, value: value.map(cell).join(', ') }]
    return fields(value, `${name}.`)
  })

const cell = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')

export function written(view: View): string {
  if (typeof view === 'string') return view
  return view
    .map(({ title, rows }) => (title === undefined ? '' : `${title}\n`) + tableOf(rows))
    .join('\n')
}
