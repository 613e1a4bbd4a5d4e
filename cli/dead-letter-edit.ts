import { readFile } from 'node:fs/promises'
import { type Content, editDeadLetter } from '../shared/delivery/lane-operations.ts'
import type { ChangeOptions } from './confirm.ts'
import { changeLetter, wordsOf } from './dead-letter-changes.ts'
import { differences, jsonOf, unreadable } from './dead-letter-content.ts'
import type { Meant, PlacedLetter } from './dead-letters.ts'
import { Exit } from './exit.ts'
import type { StoredChange } from './timers.ts'

export interface EditOptions extends ChangeOptions {
  readonly data?: string | undefined
  readonly file?: string | undefined
  /** `name=value`, of attributes. */
  readonly attribute?: readonly string[] | undefined
}

/**
 * Changes what a dead letter says; a redrive has to follow. Throws `Exit`: usage for what does not follow
 * its contract, not found, or refused when it was changed meanwhile, or is not given up any more.
 */
export const edit = async (
  change: StoredChange,
  meant: Meant,
  options: EditOptions,
): Promise<void> => {
  const wanted = await wantedOf(options)
  await changeLetter(change, meant, options, (letter) => {
    const edited = editedOf(letter, wanted)
    const wrong = unreadable({ ...letter, ...edited })
    if (wrong) throw new Exit('usage', `nothing was changed: ${wrong}`)
    refuseOtherThing(letter, edited)
    const changes = changesOf(letter, edited)
    if (changes.length === 0) throw new Exit('refused', `${wordsOf(letter)} says that already`)
    for (const line of changes) change.print(line)
    return {
      order: `change it so, for ${letter.subscription} alone`,
      done: `changed (./aero dead-letters redrive lets it run)`,
      make: () => editDeadLetter(letter.on, letter, edited, letter),
    }
  })
}

async function wantedOf({ data, file, attribute = [] }: EditOptions) {
  if (data !== undefined && file !== undefined)
    throw new Exit('usage', 'give either --data or --file')
  const text = file === undefined ? data : await readFile(file, 'utf8').catch(unopened(file))
  if (text === undefined && attribute.length === 0)
    throw new Exit('usage', 'say what to change: --data, --file or --attribute')
  return { text, attributes: Object.fromEntries(attribute.map(attributeOf)) }
}

const unopened = (file: string) => (error: Error) => {
  throw new Exit('usage', `cannot read ${file}: ${error.message}`)
}

function attributeOf(word: string): readonly [string, string] {
  const [, name, value] = /^([\w-]+)=(.*)$/s.exec(word) ?? []
  if (name === undefined || value === undefined)
    throw new Exit(
      'usage',
      `${word} is not name=value, such as ce_type=aeroalpes.orders.OrderPaid.v1`,
    )
  if (name === 'ce_id' || name === 'ce_subject')
    throw new Exit('usage', `${name} says which message it is, and for what: that stays`)
  return [name, value]
}

const editedOf = (
  { payload, properties }: Content,
  { text, attributes }: Awaited<ReturnType<typeof wantedOf>>,
): Content => ({
  payload: text === undefined ? payload : new TextEncoder().encode(compact(text)),
  properties: { ...properties, ...attributes },
})

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch (error) {
    throw new Exit(
      'usage',
      `the data is not JSON: ${error instanceof Error ? error.message : error}`,
    )
  }
}

// It waits in the lane of one thing, and its handler locks what its data name: they have to agree.
function refuseOtherThing(letter: PlacedLetter, edited: Content): void {
  const after = new Map(Object.entries(Object(jsonOf(edited))))
  for (const [name, value] of Object.entries(Object(jsonOf(letter))))
    if (value === letter.key && after.get(name) !== value)
      throw new Exit('usage', `nothing was changed: it is for ${letter.key}, so /${name} stays`)
}

const changesOf = (before: Content, after: Content): readonly string[] => [
  ...differences(before.properties, after.properties).map((line) => `attribute ${line.slice(1)}`),
  ...differences(jsonOf(before), jsonOf(after)).map((line) => `data ${line}`),
]
