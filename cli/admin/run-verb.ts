import { Command, Option } from 'commander'
import { openAdmin } from './connection.ts'
import { adminGroups, type GroupName } from './groups.ts'
import type { Parameter, Parameters } from './parameter.ts'
import { refusalOf } from './refusals.ts'
import type { Verb, VerbContext } from './verb.ts'
import { viewOf, written } from './view.ts'
import { type Ask, type ChangeOptions, confirmed } from '../confirm.ts'
import { type ListingFormat, listingFormats } from '../listing-formats.ts'
import { document } from '../listing.ts'

export interface AdminContext extends VerbContext {
  readonly print: (text: string) => void
  readonly ask: Ask
}

type Given = Readonly<Record<string, unknown>>
type Options = ChangeOptions & { readonly output?: ListingFormat }

/**
 * One command of a group, `words` being what stands behind the group's name. Throws `Exit`, and
 * `CommanderError` for what cannot be read or after help was shown.
 */
export async function runAdmin(
  group: GroupName,
  given: readonly string[],
  context: AdminContext,
): Promise<void> {
  const verbs = await adminGroups[group].load()
  const program = new Command(`./aero ${group}`)
    .description(adminGroups[group].description)
    .exitOverride()
    .showHelpAfterError(`(./aero ${group} --help lists the commands)`)
  for (const [name, verb] of Object.entries(verbs)) {
    const command = program.command(name).description(verb.summary)
    addParameters(command, verb)
    command.action(async () => runVerb(verb, command, context))
  }
  await program.parseAsync(familiar(given, verbs[given[0] ?? '']), { from: 'user' })
}

function addParameters(command: Command, verb: Verb): void {
  for (const parameter of Object.values(verb.parameters)) {
    if (stands(parameter)) command.argument(parameter.flags, parameter.meaning, parameter.read)
    else command.addOption(optionOf(parameter))
  }
  if (verb.change) {
    command.option('--dry-run', 'only say what would be sent')
    command.option('--yes', 'do not ask')
  }
  command.addOption(
    new Option('--output <format>', 'form of the answer').choices(listingFormats).default('table'),
  )
}

const stands = ({ flags }: Parameter<unknown>) => !flags.startsWith('-')

function optionOf({ flags, meaning, read, required, fallback }: Parameter<unknown>): Option {
  const option = new Option(flags, meaning)
  if (read) option.argParser(read)
  if (read && fallback !== undefined) option.default(fallback)
  return required ? option.makeOptionMandatory() : option
}

/** pulsar-admin's names with one dash and several letters, which commander does not have. */
function familiar(given: readonly string[], verb: Verb | undefined): readonly string[] {
  const known = Object.values<Parameter<unknown>>(verb?.parameters ?? {})
  return given.map((word) => {
    const parameter = known.find((one) => one.familiar === word)
    return parameter ? (new Option(parameter.flags).long ?? word) : word
  })
}

async function runVerb(verb: Verb, command: Command, context: AdminContext): Promise<void> {
  const { output = 'table', dryRun, yes }: Options = command.opts()
  const input = inputOf(verb.parameters, command)
  verb.check?.(input)
  const wouldSend: string[] = []
  const instead = (method: string, url: string, body = '') =>
    void wouldSend.push(`${method} ${url} ${body}`.trim())
  const admin = openAdmin(context.settings, dryRun ? instead : undefined)
  try {
    const change = verb.change?.(input)
    await verb.needs?.(admin, input)
    if (change !== undefined && !dryRun) await confirmed(change, { yes }, context.ask)
    const answer = await verb.call(admin, input, context)
    if (dryRun) context.print([`would ${change}:`, ...wouldSend].join('\n'))
    else context.print(told(verb, answer, change, output))
  } catch (error) {
    throw await refusalOf(error, admin, input, context.settings)
  }
}

function told(
  verb: Verb,
  answer: unknown,
  change: string | undefined,
  output: ListingFormat,
): string {
  if (output !== 'table') return document(answer ?? null, output)
  if (change !== undefined && answer === undefined) return `done: ${change}`
  return written(verb.show && answer !== undefined ? verb.show(answer as never) : viewOf(answer))
}

/** What was given, under the names of the table rather than those of the options. */
function inputOf(parameters: Parameters, command: Command): Given {
  const options: Given = command.opts()
  let position = 0
  const value = (parameter: Parameter<unknown>) =>
    stands(parameter)
      ? (command.processedArgs[position++] as unknown)
      : (options[new Option(parameter.flags).attributeName()] ?? parameter.fallback)
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, value(parameter)]),
  )
}
