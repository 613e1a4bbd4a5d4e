import { contractsOf } from '../shared/contracts/topology.ts'
import { contractReader, readData } from '../shared/contracts/upcasting.ts'
import type { Content } from '../shared/delivery/lane-operations.ts'
import { Poison } from '../shared/kernel/fates.ts'
import { fromMessage } from '../shared/messaging/envelope.ts'
import { isPersonal } from './personal.ts'

/** Why processes of this build cannot read such a message of a topic; undefined when they can. */
export function unreadable(message: Content & { readonly topic: string }): string | undefined {
  try {
    const { type, data, sequence } = fromMessage(message)
    const found = contractReader(contractsOf(message.topic)).find(type)
    if (!found) return `nothing on ${message.topic} is called ${type}`
    if (found.contract.kind === 'event' && sequence === undefined)
      return 'the message has no property ce_sequence'
    const read = readData(found, data)
    if (read.success) return undefined
    const wrong = read.error.issues.map(({ path, message: why }) => `/${path.join('/')}: ${why}`)
    return `${type} is not of its contract at ${wrong.join('; ')}`
  } catch (error) {
    if (error instanceof Poison) return error.message
    throw error
  }
}

/** What a message says; of what is not JSON, how much it is. */
export function jsonOf({ payload }: Pick<Content, 'payload'>): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload))
  } catch {
    return `${payload.length} bytes that are not JSON`
  }
}

/**
 * Each place in which two values of JSON differ, by its pointer (RFC 6901), and how, unless that tells who
 * somebody is.
 */
export function differences(before: unknown, after: unknown): readonly string[] {
  const [from, to] = [leaves(before), leaves(after)]
  const pointers = [...new Set([...from.keys(), ...to.keys()])]
  return pointers
    .filter((pointer) => from.get(pointer) !== to.get(pointer))
    .map((pointer) =>
      pointer.split('/').some(isPersonal)
        ? `${pointer}: (hidden)`
        : `${pointer}: ${from.get(pointer) ?? '-'} -> ${to.get(pointer) ?? '-'}`,
    )
}

function leaves(value: unknown, pointer = ''): ReadonlyMap<string, string> {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (inner.length === 0) return new Map([[pointer || '/', JSON.stringify(value) ?? '-']])
  return new Map(
    inner.flatMap(([name, each]) => [
      ...leaves(each, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
    ]),
  )
}
