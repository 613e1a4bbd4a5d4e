import { join } from 'node:path'
import { inventoryReactor } from '../../command/inventory/fulfilment.reactor.ts'
import { ordersReactor } from '../../command/orders/fulfilment.reactor.ts'
import { paymentsReactor } from '../../command/payments/fulfilment.reactor.ts'
import { orderFulfilment } from '../../command/sagas/order-fulfilment.saga.ts'
import { shippingReactor } from '../../command/shipping/fulfilment.reactor.ts'
import { inventoryCommands } from '../../shared/contracts/inventory.ts'
import { orderCommands } from '../../shared/contracts/orders.ts'
import { paymentCommands } from '../../shared/contracts/payments.ts'
import { shippingCommands } from '../../shared/contracts/shipping.ts'
import type { FulfilmentStyle } from '../../shared/contracts/topology.ts'
import type { RoleName } from '../../shared/runtime/role.ts'
import type { AnySaga } from '../../uow/saga.ts'
import { type Moment, timerFires } from './role-crash-child.ts'

interface Mortal {
  readonly role: RoleName
  /** What it is handed. */
  readonly names: readonly string[]
}

const listener = (
  role: RoleName,
  { contracts }: AnySaga,
  ...timers: readonly string[]
): Mortal => ({
  role,
  names: [...Object.keys(contracts), ...timers],
})

// Not what its payment gateway is handed: two consumers that die for each other would let innocent
// messages be counted as what ends the process.
const worker: Mortal = {
  role: 'command-worker',
  names: [orderCommands, inventoryCommands, paymentCommands, shippingCommands].flatMap(Object.keys),
}

// Of firing a timer the process manager dies: reactors do it by the same code.
const mortals: Readonly<Record<FulfilmentStyle, readonly Mortal[]>> = {
  orchestration: [worker, listener('process-manager', orderFulfilment(), 'TimerFired', timerFires)],
  choreography: [
    worker,
    listener('reactor.inventory', inventoryReactor(), 'TimerFired'),
    listener('reactor.payments', paymentsReactor(), 'TimerFired'),
    listener('reactor.shipping', shippingReactor()),
    listener('reactor.orders', ordersReactor()),
  ],
}

/** The deaths that each role of a style is to die: over everything it is handed, at the moments given. */
export const deathsIn = (
  style: FulfilmentStyle,
  momentsOf: (role: RoleName) => readonly Moment[],
): ReadonlyMap<RoleName, Set<string>> =>
  new Map(
    mortals[style].map(({ role, names }) => {
      const deaths = names.flatMap((name) =>
        momentsOf(role)
          // Nobody is handed a timer that is due.
          .map((moment) => (name === timerFires && moment === 'received' ? 'after commit' : moment))
          .map((moment) => `${name}, ${moment}`),
      )
      return [role, new Set(deaths)]
    }),
  )

const child = join(import.meta.dir, 'role-crash-child.ts')

export interface Life {
  /** Resolves with the deaths that it has died at once; none when it has ended otherwise. */
  readonly died: Promise<readonly string[]>
  /** SIGKILL, too. */
  end(): Promise<void>
}

/** Starts a role in a process of its own, which is killed at the first of these deaths that it meets. */
export const live = (url: string, role: RoleName, deaths: readonly string[] = []): Life => {
  const running = Bun.spawn([process.execPath, child, url, role, JSON.stringify(deaths)], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  return {
    died: new Response(running.stdout).text().then((text) => text.split('\n').filter(Boolean)),
    async end() {
      running.kill('SIGKILL')
      await running.exited
    },
  }
}
