import { InvalidArgumentError } from 'commander'
import { namespacePath, topicPaths } from '../../shared/pulsar/admin/names.ts'
import type { MessageId, Position } from '../../shared/pulsar/admin/message-id.ts'
import { path } from '../../shared/pulsar/admin/http.ts'
import { fullTopicName } from '../../shared/pulsar/lookup/topic-name.ts'

// Each reads one word of a command line and throws an `InvalidArgumentError` that says what it expects.

/** `t` and `tenant/namespace/t` as Pulsar's own tools complete them. */
export function topicName(text: string): string {
  return orExpected('persistent://tenant/namespace/topic', () => {
    const name = fullTopicName(text)
    topicPaths(name)
    return name
  })
}

export const namespaceName = (text: string): string =>
  orExpected('tenant/namespace', () => {
    namespacePath(text)
    return text
  })

/** A tenant, subscription, role, cluster. */
export const name = (text: string): string =>
  orExpected('a name', () => {
    path(text)
    return text
  })

export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    const range =
      most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`
    throw new InvalidArgumentError(`Expected a whole number ${range}.`)
  }

const secondsIn: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  // As Pulsar counts them (RelativeTimeUtil).
  y: 31_536_000,
}

/** In seconds: `90`, `90s`, `10m`, `3h`, `2d`, `5w`, `1y`. */
export function duration(text: string): number {
  const [, amount, unit = 's'] = /^(\d{1,12})([smhdwy])?$/i.exec(text) ?? []
  const seconds = Number(amount) * (secondsIn[unit.toLowerCase()] ?? Number.NaN)
  if (seconds >= 0) return seconds
  throw new InvalidArgumentError('Expected a time such as 90s, 10m, 3h, 2d, 5w or 1y.')
}

/** The same, or -1 for no limit. */
export const durationOrUnlimited = (text: string): number => (text === '-1' ? -1 : duration(text))

/** In bytes: `4096`, `10M`, `16G`, with 1024 to the K. */
export function size(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,12})([kmgt]?)$/i.exec(text) ?? []
  const bytes = Number(amount) * 1024 ** ['', 'k', 'm', 'g', 't'].indexOf(unit.toLowerCase())
  if (bytes >= 0) return bytes
  throw new InvalidArgumentError('Expected a size such as 4096, 10M, 16G or 3T.')
}

/** The same, or -1 for no limit. */
export const sizeOrUnlimited = (text: string): number => (text === '-1' ? -1 : size(text))

export function messageId(text: string): MessageId {
  const [, ledgerId, entryId] = /^(\d{1,15}):(\d{1,15})(?::-?\d+)*$/.exec(text) ?? []
  if (ledgerId !== undefined) return { ledgerId: Number(ledgerId), entryId: Number(entryId) }
  throw new InvalidArgumentError('Expected ledger:entry.')
}

export function position(text: string): Position {
  if (text === 'earliest' || text === 'latest') return text
  return orExpected('earliest, latest or ledger:entry', () => messageId(text))
}

export function instant(text: string): Date {
  const time = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) ? new Date(text) : undefined
  if (time && !Number.isNaN(time.getTime())) return time
  throw new InvalidArgumentError('Expected a time such as 2026-06-28T16:53:08Z.')
}

export const text = (given: string): string => given

function orExpected<Value>(form: string, read: () => Value): Value {
  try {
    return read()
  } catch {
    // Whatever is wrong about it, the form says it in fewer words.
    throw new InvalidArgumentError(`Expected ${form}.`)
  }
}
