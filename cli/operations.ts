import { type Command, Option } from 'commander'
import type { Settings } from '../shared/runtime/settings.ts'
import type { Ask, ChangeOptions } from './confirm.ts'
import { type ListingFormat, listingFormats } from './listing-formats.ts'

/** What operations are given by whoever reads the command line. */
export interface OperationContext {
  readonly settings: () => Settings
  readonly print: (text: string) => void
  readonly ask: () => Promise<Ask>
}

type Output = { readonly output: ListingFormat }

export const outputOption = () =>
  new Option('--output <format>', 'form of the list').choices(listingFormats).default('table')

/** `./aero topology plan|apply` and `./aero schema check`; what they do is loaded when it is asked for. */
export function addTopologyOperations(aero: Command, context: OperationContext): void {
  const operation = () => ({ settings: context.settings(), print: context.print })
  const topology = aero
    .command('topology')
    .description('what Pulsar has to hold for the contracts in the code')
  topology
    .command('plan')
    .description('how Pulsar differs from it')
    .addOption(outputOption())
    .action(async ({ output }: Output) => {
      const { printPlan } = await import('./topology.ts')
      await printPlan(operation(), output)
    })
  topology
    .command('apply')
    .description('show the difference, ask, and end it')
    .option('--dry-run', 'only show it')
    .option('--yes', 'do not ask')
    .addOption(outputOption())
    .action(async (options: ChangeOptions & Output) => {
      const { applyHere } = await import('./topology.ts')
      await applyHere({ ...operation(), ask: await context.ask() }, options)
    })
  aero
    .command('schema')
    .description('the schemas that follow from the contracts in the code')
    .command('check')
    .description('whether Pulsar would take them in place of those it has')
    .addOption(outputOption())
    .action(async ({ output }: Output) => {
      const { checkSchemas } = await import('./schema.ts')
      await checkSchemas(operation(), output)
    })
}
