import type { Command } from 'commander'
import type { ChangeOptions } from './confirm.ts'
import type { ListingFormat } from './listing-formats.ts'
import { outputOption } from './operations.ts'
import type { PaymentCalls } from './payments.ts'
import { limitOption, type StoredContext } from './saga-operations.ts'

export interface PaymentContext extends StoredContext {
  readonly payments: () => Promise<PaymentCalls>
}

/** `./aero payments list|ask`. */
export function addPaymentOperations(aero: Command, context: PaymentContext): void {
  const operation = () => ({
    settings: context.settings(),
    home: context.home(),
    print: context.print,
  })
  const payments = aero
    .command('payments')
    .description('what the payment provider has not answered yet')
  payments
    .command('list')
    .description('charges and refunds without an answer, those given up first')
    .addOption(limitOption())
    .addOption(outputOption())
    .action(async (options: { readonly limit: number; readonly output: ListingFormat }) => {
      const { printCalls } = await import('./payments.ts')
      await printCalls(operation(), await context.payments(), options)
    })
  payments
    .command('ask')
    .description('look a charge up again that was given up; charges nothing')
    .argument('<call>', 'its id')
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'do not ask')
    .action(async (id: string, options: ChangeOptions) => {
      const { lookUpAgain } = await import('./payments.ts')
      const change = { ...operation(), ask: await context.ask() }
      await lookUpAgain(change, await context.payments(), id, options)
    })
}
