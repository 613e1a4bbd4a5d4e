import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Envelope, fromMessage } from '../../shared/messaging/envelope.ts'

/** A message in the form it had on its topic when its version was the latest. */
export interface RecordedMessage {
  readonly envelope: Envelope<object>
  /** Its data as every reader sees them now. */
  readonly asOfToday: object
}

interface RecordedFile {
  readonly properties: Readonly<Record<string, string>>
  readonly data: object
  readonly asOfToday: object
}

const folder = join(import.meta.dirname, 'recorded')

/** One file for each version that was ever published; none is changed once it is there. */
export const recordedMessages = (): readonly RecordedMessage[] =>
  readdirSync(folder).map((name) => {
    const { properties, data, asOfToday } = JSON.parse(
      readFileSync(join(folder, name), 'utf8'),
    ) as RecordedFile
    const payload = new TextEncoder().encode(JSON.stringify(data))
    const envelope = fromMessage({ properties, payload }) as Envelope<object>
    return { envelope, asOfToday }
  })
