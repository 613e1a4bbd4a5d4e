import { Invalid } from '../../kernel/fates.ts'
import type { Consumer } from '../../messaging/port.ts'
import type { BrokerCore } from './core.ts'
import type { Subscribed } from './lease-keeper.ts'
import type { Pulse } from './pulse.ts'
import { ask } from './statements.ts'

export type Position = Parameters<Consumer['seek']>[0]

/** The arguments of `broker.position_of`: which partition (null: all), sequence number, time, latest. */
export const seekArguments = (position: Position) => {
  if (position === 'earliest') return [null, 0, null, false] as const
  if (position === 'latest') return [null, null, null, true] as const
  if ('time' in position) return [null, null, position.time.getTime(), false] as const
  const [partitionId, seq] = position.id.split(':').map(Number)
  if (!Number.isSafeInteger(partitionId) || !Number.isSafeInteger(seq))
    throw new Invalid(`not a message id of this broker: ${position.id}`, [], 'invalid-message-id')
  return [partitionId ?? 0, seq ?? 0, null, false] as const
}

/** Moves subscriptions for everybody: the epochs rise, so that no old acknowledgement counts. */
export const seekDurable = async (
  { core, pulse, subscribed }: Seeking,
  position: Position,
): Promise<void> => {
  const ids = subscribed.map(({ subscriptionId }) => subscriptionId)
  await ask(core.database, seek, [ids, ...seekArguments(position)])
  core.notices.rebalance()
  await pulse.now()
}

export interface Seeking {
  readonly core: BrokerCore
  readonly pulse: Pulse
  readonly subscribed: readonly Subscribed[]
}

const seek = 'SELECT broker.seek($1, $2, $3, $4, $5)'
