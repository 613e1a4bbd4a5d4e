import type { Command } from 'commander'
import type { ChangeOptions } from './confirm.ts'
import type { ListingFormat } from './listing-formats.ts'
import { outputOption } from './operations.ts'
import { limitOption, type StoredContext } from './saga-operations.ts'

interface Listed {
  readonly subscription?: string
  readonly limit: number
  readonly output: ListingFormat
}

/** `./aero lanes list|retry`; what they do is loaded when it is asked for. */
export function addLaneOperations(aero: Command, context: StoredContext): void {
  const operation = () => ({
    settings: context.settings(),
    home: context.home(),
    print: context.print,
  })
  const lanes = aero
    .command('lanes')
    .description('keys whose messages wait behind one that could not be handled')
  lanes
    .command('list')
    .description('those of both databases, the oldest first')
    .option('--subscription <name>', 'only those of this one')
    .addOption(limitOption())
    .addOption(outputOption())
    .action(async ({ output, ...filter }: Listed) => {
      const { printLanes } = await import('./lanes.ts')
      await printLanes(operation(), filter, output)
    })
  lanes
    .command('retry')
    .description('run one now that waits to be tried again')
    .argument('<subscription>', 'whose')
    .argument('<key>', 'of its messages')
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'do not ask')
    .action(async (subscription: string, key: string, options: ChangeOptions) => {
      const { retry } = await import('./lanes.ts')
      await retry({ ...operation(), ask: await context.ask() }, { subscription, key }, options)
    })
}
