import { join } from 'node:path'
import { inventoryReactor } from '../../command/inventory/fulfilment.reactor.ts'
import { ordersReactor } from '../../command/orders/fulfilment.reactor.ts'
import { paymentsReactor } from '../../command/payments/fulfilment.reactor.ts'
import { orderFulfilment } from '../../command/sagas/order-fulfilment.saga.ts'
import { shippingReactor } from '../../command/shipping/fulfilment.reactor.ts'
import type { FulfilmentStyle } from '../../shared/contracts/topology.ts'
import type { RoleName } from '../../shared/runtime/role.ts'
import type { AnySaga } from '../../uow/saga.ts'
import { type Moment, timerFires } from './role-crash-child.ts'

interface Listener {
  readonly role: RoleName
  readonly saga: AnySaga
  /** Names of what timers lead to. */
  readonly timers?: readonly string[]
}

// Any reactor may fire a timer, so none can be sure to die of it.
const listeners = {
  orchestration: [
    { role: 'process-manager', saga: orderFulfilment(), timers: ['TimerFired', timerFires] },
  ],
  choreography: [
    { role: 'reactor.inventory', saga: inventoryReactor(), timers: ['TimerFired'] },
    { role: 'reactor.payments', saga: paymentsReactor(), timers: ['TimerFired'] },
    { role: 'reactor.shipping', saga: shippingReactor() },
    { role: 'reactor.orders', saga: ordersReactor() },
  ],
} as const satisfies Readonly<Record<FulfilmentStyle, readonly Listener[]>>

/** The deaths that each role of a style is to die: over each event that it hears, at the moments given for it. */
export const deathsIn = (
  style: FulfilmentStyle,
  momentsOf: () => readonly Moment[],
): ReadonlyMap<RoleName, Set<string>> =>
  new Map(
    listeners[style].map(({ role, saga, timers }: Listener) => {
      const heard = Object.keys(saga.contracts)
      const names = [...heard, ...(timers ?? [])]
      const deaths = names.flatMap((name) =>
        momentsOf()
          // Nobody is handed a timer that is due.
          .map((moment) => (name === timerFires && moment === 'received' ? 'after commit' : moment))
          .map((moment) => `${name}, ${moment}`),
      )
      return [role, new Set(deaths)]
    }),
  )

const child = join(import.meta.dir, 'role-crash-child.ts')

export interface Life {
  /** Resolves with the death that it died. */
  readonly died: Promise<string>
  /** SIGKILL, too. */
  end(): Promise<void>
}

/** Starts a role in a process of its own, which is killed at the first of these deaths that it meets. */
export const live = (url: string, role: RoleName, deaths: readonly string[] = []): Life => {
  const running = Bun.spawn([process.execPath, child, url, role, JSON.stringify(deaths)], {
    stdout: 'pipe',
    stderr: 'inherit',
  })
  return {
    died: new Response(running.stdout).text(),
    async end() {
      running.kill('SIGKILL')
      await running.exited
    },
  }
}
