import type { Command } from 'commander'
import type { Wanted } from './events.ts'
import type { ListingFormat } from './listing-formats.ts'
import { outputOption } from './operations.ts'
import { limitOption, type StoredContext } from './saga-operations.ts'

interface Listed extends Wanted {
  readonly limit: number
  readonly output: ListingFormat
}

/** `./aero events list|show|export`; what they do is loaded when it is asked for. */
export function addEventOperations(aero: Command, context: StoredContext): void {
  const operation = () => ({
    settings: context.settings(),
    home: context.home(),
    print: context.print,
  })
  const events = aero.command('events').description('what happened, as the event log has it')
  wanting(events.command('list'), 'the newest, in the order of their time')
    .addOption(limitOption())
    .addOption(outputOption())
    .action(async ({ output, ...wanted }: Listed) => {
      const { printEvents } = await import('./events.ts')
      await printEvents(operation(), wanted, output)
    })
  events
    .command('show')
    .description('one of them, with its data in the form of today')
    .argument('<id>', 'of the event')
    .addOption(outputOption())
    .action(async (id: string, { output }: Pick<Listed, 'output'>) => {
      const { printEvent } = await import('./events.ts')
      await printEvent(operation(), id, output)
    })
  wanting(
    events.command('export'),
    'all, aggregate by aggregate, a line of CloudEvents JSON each, in the form of today',
  ).action(async (wanted: Wanted) => {
    const [{ exportEvents }, { standardOutput }] = await Promise.all([
      import('./events.ts'),
      import('../shared/runtime/output.ts'),
    ])
    await exportEvents(operation(), standardOutput(), wanted)
  })
}

const wanting = (command: Command, description: string): Command =>
  command
    .description(description)
    .option('--module <name>', 'only those of this one, such as orders')
    .option('--type <name>', 'only these, such as OrderCreated')
    .option('--of <id>', 'only those of what has this id, such as an order')
    .option('--since <time>', 'since 2026-06-28T16:53:08Z, or so long ago: 10m')
