import type { Command } from 'commander'
import type { ChangeOptions } from './confirm.ts'
import type { EditOptions } from './dead-letter-edit.ts'
import type { Meant } from './dead-letters.ts'
import type { ListingFormat } from './listing-formats.ts'
import { outputOption } from './operations.ts'
import { limitOption, type StoredContext } from './saga-operations.ts'
import type { StoredChange } from './timers.ts'

interface Output {
  readonly output: ListingFormat
}
type OfSubscription = Pick<Meant, 'subscription'>

/** `./aero dead-letters list|show|redrive|edit|discard`; what they do is loaded when it is asked for. */
export function addDeadLetterOperations(aero: Command, context: StoredContext): void {
  const operation = () => ({
    settings: context.settings(),
    home: context.home(),
    print: context.print,
  })
  const letters = aero.command('dead-letters').description('messages that were given up')
  letters
    .command('list')
    .description('those of both databases, the oldest first')
    .option('--subscription <name>', 'only those of this one')
    .addOption(limitOption())
    .addOption(outputOption())
    .action(async ({ output, ...filter }: Output & OfSubscription & { readonly limit: number }) => {
      const { printDeadLetters } = await import('./dead-letters.ts')
      await printDeadLetters(operation(), filter, output)
    })
  named(letters.command('show'), 'all of one, and why it was given up')
    .option('--personal', 'names and addresses that are in clear, too', false)
    .addOption(outputOption())
    .action(
      async (id: string, options: Output & OfSubscription & { readonly personal: boolean }) => {
        const { printDeadLetter } = await import('./dead-letters.ts')
        await printDeadLetter(operation(), { id, ...options }, options)
      },
    )
  addChanges(letters, async () => ({ ...operation(), ask: await context.ask() }))
}

type Change = ChangeOptions & OfSubscription

function addChanges(letters: Command, change: () => Promise<StoredChange>): void {
  changing(letters.command('redrive'), 'let one run again, then what waits behind it')
    .option('--force', 'also one that cannot be read here, or may have taken effect before')
    .action(async (id: string, options: Change & { readonly force?: boolean }) => {
      const { redrive } = await import('./dead-letter-changes.ts')
      await redrive(await change(), { id, ...options }, options)
    })
  changing(letters.command('edit'), 'change what one says, for a redrive to follow')
    .option('--data <json>', 'its new data, all of it')
    .option('--file <name>', 'where these are')
    .option(
      '--attribute <name=value>',
      'a new attribute, such as ce_type; may be repeated',
      more,
      [],
    )
    .action(async (id: string, options: EditOptions & OfSubscription) => {
      const { edit } = await import('./dead-letter-edit.ts')
      await edit(await change(), { id, ...options }, options)
    })
  changing(letters.command('discard'), 'give one up for good; what waits behind it runs')
    .option('--reason <text>', 'kept with its copy in the topic of dead letters')
    .action(async (id: string, options: Change & { readonly reason?: string }) => {
      const { discard } = await import('./dead-letter-changes.ts')
      await discard(await change(), { id, ...options }, options)
    })
}

const more = (word: string, words: readonly string[]) => [...words, word]

const named = (command: Command, description: string): Command =>
  command
    .description(description)
    .argument('<id>', 'of the message')
    .option('--subscription <name>', 'which has given it up, where several have')

const changing = (command: Command, description: string): Command =>
  named(command, description)
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'do not ask')
