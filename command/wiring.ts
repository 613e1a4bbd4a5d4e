import type { Contract, DataOf, EventContract } from '../shared/contracts/contract.ts'
import { Poison } from '../shared/kernel/fates.ts'
import type { CommandHandler, IntegrationMapper, RegisteredHandler } from '../uow/handler.ts'

/** The data of a message as its contract's schema reads it. Throws `Poison` naming the field. */
export const parse = <C extends Contract>(contract: C, data: unknown): DataOf<C> => {
  const parsed = contract.schema.safeParse(data)
  if (parsed.success) return parsed.data as DataOf<C>
  const [issue] = parsed.error.issues
  const where = `/${issue?.path.join('/') ?? ''}`
  throw new Poison('unreadable-message', `${contract.type} at ${where}: ${issue?.message}`)
}

/** Registers a handler whose application command is the integration command as it came. */
export const parsedBy = (handler: CommandHandler): RegisteredHandler => ({
  handler,
  mapper: (data) => parse(handler.contract, data),
})

/** Publishes a domain event as it is, under its contract. */
export const asPublished =
  ({ type, topic }: EventContract): IntegrationMapper =>
  ({ data }) => ({ type, topic, data })
