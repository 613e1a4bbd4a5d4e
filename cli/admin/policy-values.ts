import type {
  BacklogQuota,
  BacklogQuotaType,
  Retention,
} from '../../shared/pulsar/admin/namespaces.ts'
import { Exit } from '../exit.ts'
import { flag, needed, oneOf, optional, withDefault } from './parameter.ts'
import { duration, durationOrUnlimited, sizeOrUnlimited } from './values.ts'

const megabyte = 1024 * 1024

const quotaPolicies: readonly BacklogQuota['policy'][] = [
  'producer_request_hold',
  'producer_exception',
  'consumer_backlog_eviction',
]

export const quotaType = withDefault<BacklogQuotaType>(
  '-t, --type <type>',
  'destination_storage limits by size, message_age by time',
  oneOf('destination_storage', 'message_age'),
  'destination_storage',
)

/** What a retention is given by. */
export const retentionWords = {
  size: needed('-s, --size <size>', '10M, 16G; 0 none, -1 no limit', sizeOrUnlimited),
  time: needed('-t, --time <time>', '100m, 3h, 2d; 0 none, -1 no limit', durationOrUnlimited),
}

/** What a backlog quota is given by. */
export const quotaWords = {
  limit: optional('-l, --limit <size>', '10M, 16G; -1 no limit', sizeOrUnlimited),
  limitTime: optional('--limitTime <time>', '100m, 3h, 2d', duration, '-lt'),
  policy: needed('-p, --policy <policy>', quotaPolicies.join(', '), oneOf(...quotaPolicies)),
  type: quotaType,
}

/**
 * Pulsar keeps minutes and megabytes. What is less than one of them would silently become none, so
 * that is refused.
 */
export function retentionOf({
  size,
  time,
}: {
  readonly size: number
  readonly time: number
}): Retention {
  if (size > 0 && size < megabyte)
    throw new Exit('usage', '--size is less than 1M; 0 keeps nothing')
  if (time > 0 && time < 60) throw new Exit('usage', '--time is less than 1m; 0 keeps nothing')
  if ((size === 0) !== (time === 0)) {
    throw new Exit(
      'usage',
      'one of --size and --time is 0, which keeps nothing: use -1 for no limit',
    )
  }
  return {
    retentionSizeInMB: size < 0 ? -1 : Math.floor(size / megabyte),
    retentionTimeInMinutes: time < 0 ? -1 : Math.floor(time / 60),
  }
}

interface QuotaInput {
  readonly limit: number | undefined
  readonly limitTime: number | undefined
  readonly policy: BacklogQuota['policy']
  readonly type: BacklogQuotaType
}

/** A quota without a limit of its own kind would limit nothing, so it is refused. */
export function quotaOf({ limit, limitTime, policy, type }: QuotaInput): BacklogQuota {
  const [own, option] =
    type === 'destination_storage' ? [limit, '--limit'] : [limitTime, '--limitTime']
  if (own === undefined) throw new Exit('usage', `a quota of type ${type} needs ${option}`)
  // What is left out Pulsar would store as 0.
  return { policy, limitSize: limit ?? -1, limitTime: limitTime ?? -1 }
}

interface OnOrOff {
  readonly enable: boolean
  readonly disable: boolean
}

function isOn({ enable, disable }: OnOrOff): boolean {
  if (enable === disable) throw new Exit('usage', 'one of --enable and --disable, and not both')
  return enable
}

/** Exactly one of two switches, as pulsar-admin has them. */
export const onOrOff = {
  parameters: {
    enable: flag('-e, --enable', 'on'),
    disable: flag('-d, --disable', 'off'),
  },
  value: isOn,
  word: (input: OnOrOff): string => (isOn(input) ? 'on' : 'off'),
}
