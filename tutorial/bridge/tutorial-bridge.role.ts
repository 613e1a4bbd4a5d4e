import { orAfter } from '../../shared/delivery/pause.ts'
import { openClient } from '../../shared/messaging/pulsar/open-pulsar.ts'
import type { Role, RoleContext } from '../../shared/runtime/role.ts'
import { forward, type Forwarding } from './forwarding.ts'
import { fromNeighbours } from './from-neighbours.ts'
import { comandosReserva, eventosReserva } from './neighbours.ts'
import { toNeighbours } from './to-neighbours.ts'

/**
 * The role `tutorial-bridge`: lets the tutorial's other services work with this system as they are.
 * Only on Pulsar, where they are. Rejects when it may not write there, or a topic of theirs has a
 * schema that is not the tutorial's.
 */
export const tutorialBridge = async ({
  settings,
  logger,
  ...context
}: RoleContext): Promise<Role> => {
  const client = openClient(settings)
  const broker = await context.broker()
  const publisher = broker.publisher()
  const ways: Forwarding[] = []
  const stop = async () => {
    await Promise.all(ways.map((way) => way.stop()))
    await orAfter(1000, Promise.all([publisher.close(), client.close()]))
  }
  const out = () => toNeighbours(broker, client, publisher)
  const back = () => fromNeighbours(client, publisher)
  try {
    ways.push(await forward(eventosReserva.topic, out, logger))
    ways.push(await forward(comandosReserva.topic, back, logger))
  } catch (error) {
    await stop()
    throw error
  }
  let stopped: Promise<void> | undefined
  return {
    name: 'tutorial-bridge',
    check: async () => ways.map((way) => way.check()),
    stop: () => (stopped ??= stop()),
  }
}
