import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ChangeOptions } from './confirm.ts'
import type { ListingFormat } from './listing-formats.ts'
import { type OperationContext, outputOption } from './operations.ts'
import type { EndOptions } from './sagas.ts'
import type { StoredChange, StoredOperation } from './timers.ts'

const states = ['set', 'fired', 'cancelled', 'all'] as const

interface Listed {
  readonly output: ListingFormat
  readonly limit: number
}

interface TimersListed extends Listed {
  readonly of?: string
  readonly state: (typeof states)[number]
}

/** What operations on the write side's database are given besides. */
export interface StoredContext extends OperationContext {
  readonly home: () => string
}

/** `./aero sagas list|show|end` and `./aero timers list|move|cancel|fire`. */
export function addSagaOperations(aero: Command, context: StoredContext): void {
  const operation = (): StoredOperation => ({
    settings: context.settings(),
    home: context.home(),
    print: context.print,
  })
  const sagas = aero.command('sagas').description('how far orders are on their way')
  sagas
    .command('list')
    .description('those on their way, the oldest first')
    .option('--ended', 'all of them, the newest first', false)
    .addOption(limitOption())
    .addOption(outputOption())
    .action(async ({ output, ...filter }: Listed & { readonly ended: boolean }) => {
      const { printSagas } = await import('./sagas.ts')
      await printSagas(operation(), filter, output)
    })
  sagas
    .command('show')
    .description('one of them, with its state and timers')
    .argument('<order>', 'id of the order')
    .addOption(outputOption())
    .action(async (id: string, { output }: Listed) => {
      const { printSaga } = await import('./sagas.ts')
      await printSaga(operation(), id, output)
    })
  const change = async () => ({ ...operation(), ask: await context.ask() })
  sagas
    .command('end')
    .description('give one up that waits for what will never come; it undoes no more')
    .argument('<order>', 'id of the order')
    .requiredOption('--reason <text>', 'kept with its state')
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'do not ask')
    .action(async (id: string, options: EndOptions) => {
      const { endSaga } = await import('./sagas.ts')
      await endSaga(await change(), id, options)
    })
  addTimerOperations(aero, context, operation, change)
}

function addTimerOperations(
  aero: Command,
  context: StoredContext,
  operation: () => StoredOperation,
  change: () => Promise<StoredChange>,
): void {
  const timers = aero
    .command('timers')
    .description('what happens at a time unless something else does')
  timers
    .command('list')
    .description('those that are set, in the order in which they are due')
    .option('--of <id>', 'only those of this order')
    .addOption(new Option('--state <state>', 'in which state').choices(states).default('set'))
    .addOption(limitOption())
    .addOption(outputOption())
    .action(async ({ output, of, state, limit }: TimersListed) => {
      const { printTimers } = await import('./timers.ts')
      const wanted = state === 'all' ? undefined : state
      await printTimers(operation(), { key: of?.toLowerCase(), state: wanted, limit }, output)
    })
  changing(timers.command('move'), 'let one fire at another time')
    .argument('<time>', 'such as 2026-06-28T16:53:08Z, or from now: 10m')
    .action(async (id: string, time: string, options: ChangeOptions) => {
      const { move } = await import('./timers.ts')
      await move(await change(), id, time, options)
    })
  changing(timers.command('cancel'), 'let one never fire').action(
    async (id: string, options: ChangeOptions) => {
      const { cancel } = await import('./timers.ts')
      await cancel(await change(), id, options)
    },
  )
  changing(timers.command('fire'), 'let one fire now').action(
    async (id: string, options: ChangeOptions) => {
      const { fire } = await import('./timers.ts')
      await fire(await change(), id, options)
    },
  )
}

const changing = (command: Command, description: string): Command =>
  command
    .description(description)
    .argument('<timer>', 'its id')
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'do not ask')

export const limitOption = () =>
  new Option('--limit <count>', 'at most so many').argParser(countOf).default(100)

function countOf(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number from 1 to 99999.')
}
