import type { Queryable } from '../shared/postgres/database.ts'
import { type ChangeOptions, confirmed } from './confirm.ts'
import { Exit } from './exit.ts'
import type { ListingFormat } from './listing-formats.ts'
import { listing } from './listing.ts'
import { onWriteDatabase } from './on-database.ts'
import type { StoredOperation, StoredChange } from './timers.ts'

interface Call {
  readonly id: string
  readonly operation: string
  readonly state: string
  readonly order_id: string
  readonly amount: string
  readonly currency: string
  readonly attempts: number
  readonly due_at: Date
}

/** What the write side knows of what its payment provider was asked. */
export interface PaymentCalls {
  listCalls(on: Queryable, limit: number): Promise<readonly Call[]>
  findCall(on: Queryable, id: string): Promise<Call | undefined>
  lookUpAgain(on: Queryable, id: string): Promise<boolean>
}

/** Prints what the provider has not answered yet, what was given up first. */
export async function printCalls(
  { settings, home, print }: StoredOperation,
  { listCalls }: PaymentCalls,
  { limit, output }: { readonly limit: number; readonly output: ListingFormat },
): Promise<void> {
  await onWriteDatabase(settings, home, async (database) => {
    const calls = await listCalls(database, limit)
    const rows = calls.map(({ due_at, ...call }) => ({ ...call, due_at: due_at.toISOString() }))
    print(listing(rows, output))
  })
}

/** Lets a payment that was given up be looked up again. Throws `Exit`: not found, or refused. */
export async function lookUpAgain(
  { settings, home, print, ask }: StoredChange,
  payments: PaymentCalls,
  id: string,
  options: ChangeOptions,
): Promise<void> {
  await onWriteDatabase(settings, home, async (database) => {
    const found = await payments.findCall(database, id)
    if (!found) throw new Exit('notFound', `the provider is not asked about any payment call ${id}`)
    const what = `${found.operation} of ${found.amount} ${found.currency} for order ${found.order_id}`
    if (found.state !== 'given-up') throw refusal(found)
    if (options.dryRun) return print(`would look it up again: ${what}`)
    await confirmed(`${what}: look it up again`, options, ask)
    // Somebody may have been quicker, while a person was asked.
    if (!(await payments.lookUpAgain(database, id))) throw refusal(found)
    print(`is looked up again: ${what}`)
  })
}

const refusal = ({ id }: Call) =>
  new Exit('refused', `payment call ${id} has not been given up: the provider is being asked`)
