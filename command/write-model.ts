import { type CommandName, commands, type EventName } from '../shared/contracts/topology.ts'
import type {
  DomainEventHandler,
  IntegrationMapper,
  RegisteredHandler,
  WriteModel,
} from '../uow/handler.ts'
import { inventoryModule, stock } from './inventory/index.ts'
import { orderModule } from './orders/index.ts'
import { paymentModule } from './payments/index.ts'
import { offers, productModule } from './products/index.ts'
import { reservationModule, reservations } from './reservations/index.ts'
import { shippingModule } from './shipping/index.ts'
import { userModule } from './users/index.ts'

/** The write side as three tables. A command without a handler or an event without a mapper does not compile. */
export const writeModel = (credentialKey: string): WriteModel => {
  const modules = {
    users: userModule({ credentialKey, reservations }),
    reservations: reservationModule,
    products: productModule({ stock }),
    inventory: inventoryModule,
    payments: paymentModule,
    shipping: shippingModule,
    orders: orderModule({ offers }),
  }
  const handlers = {
    ...modules.users.commands,
    ...modules.reservations.commands,
    ...modules.products.commands,
    ...modules.inventory.commands,
    ...modules.payments.commands,
    ...modules.shipping.commands,
    ...modules.orders.commands,
  } satisfies Record<CommandName, RegisteredHandler>
  const reactions = inOrder(Object.values(modules).map((module) => module.reactions))
  const integration = {
    ...modules.users.integration,
    ...modules.reservations.integration,
    ...modules.products.integration,
    ...modules.inventory.integration,
    ...modules.payments.integration,
    ...modules.shipping.integration,
    ...modules.orders.integration,
  } satisfies Record<EventName, IntegrationMapper | null>
  return { handlers: byType(handlers), reactions, integration }
}

const byType = (handlers: Readonly<Record<CommandName, RegisteredHandler>>) =>
  Object.fromEntries(
    Object.entries(commands).map(([name, { type }]) => [type, handlers[name as CommandName]]),
  )

/** The reactions of every module to each event, in the order of the modules. */
const inOrder = (tables: readonly Readonly<Record<string, readonly DomainEventHandler[]>>[]) => {
  const merged: Record<string, readonly DomainEventHandler[]> = {}
  for (const table of tables)
    for (const [type, handlers] of Object.entries(table))
      merged[type] = [...(merged[type] ?? []), ...handlers]
  return merged
}
