import type { Command } from 'commander'
import type { ChangeOptions } from './confirm.ts'
import { Exit } from './exit.ts'
import type { ListingFormat } from './listing-formats.ts'
import { outputOption } from './operations.ts'
import type { StoredContext } from './saga-operations.ts'

type Output = { readonly output: ListingFormat }

interface RebuildOptions extends ChangeOptions, Output {
  readonly fromTopic?: true
  readonly since?: string
}

/** `./aero projections list|rebuild|diff`; what they do is loaded when it is asked for. */
export function addProjectionOperations(
  aero: Command,
  context: StoredContext & { readonly progress: (line: string) => void },
): void {
  const operation = () => ({
    settings: context.settings(),
    home: context.home(),
    print: context.print,
    progress: context.progress,
  })
  const projections = aero
    .command('projections')
    .description('the tables that questions are answered from')
  projections
    .command('list')
    .description('what each consists of, and how far behind the event log it is')
    .addOption(outputOption())
    .action(async ({ output }: Output) => {
      const { listProjections } = await import('./projections.ts')
      await listProjections(operation(), output)
    })
  projections
    .command('rebuild')
    .description(
      'build one anew from the event log, or its topics, beside the live tables, and swap them',
    )
    .argument('<name>', 'of a projection or one of its tables, or all')
    .option(
      '--from-topic',
      'from the topics, which keep days; rows that began before them go on as they are',
    )
    .option(
      '--since <time>',
      'from the topics since then: 2026-06-28T16:53:08Z, or so long ago: 2h',
    )
    .option('--dry-run', 'only show what would be rebuilt')
    .option('--yes', 'do not ask')
    .addOption(outputOption())
    .action(async (name: string, { fromTopic, since, ...options }: RebuildOptions) => {
      const changing = { ...operation(), ask: await context.ask() }
      if (fromTopic) {
        const { rebuildProjectionsFromTopics } = await import('./projections-from-topics.ts')
        return rebuildProjectionsFromTopics(changing, name, { ...options, since })
      }
      if (since !== undefined)
        throw new Exit('usage', '--since is for --from-topic: the log is read as a whole')
      const { rebuildProjections } = await import('./projections.ts')
      await rebuildProjections(changing, name, options)
    })
  projections
    .command('diff')
    .description('name the rows that are not what the event log says; exit code 1 if there are any')
    .argument('<name>', 'of a projection or one of its tables, or all')
    .addOption(outputOption())
    .action(async (name: string, { output }: Output) => {
      const { diffProjections } = await import('./projections.ts')
      await diffProjections(operation(), name, output)
    })
}
