import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import type { Settings } from '../../shared/runtime/settings.ts'
import type { Input, Parameters } from './parameter.ts'
import type { View } from './view.ts'

/** What a verb may use besides Pulsar. */
export interface VerbContext {
  readonly settings: Settings
  /** All of the standard input. */
  readonly readInput: () => Promise<string>
  readonly now: () => Date
}

/** One command: what it is given, what it calls, how the answer is shown to people. */
interface Definition<P extends Parameters, Answer> {
  readonly summary: string
  /** Those that stand by themselves in their order. */
  readonly parameters: P
  /** Throws what cannot be seen in one parameter alone, before anything is called. */
  readonly check?: (input: Input<P>) => void
  /** There when it changes something: the change, said as an order. */
  readonly change?: (input: Input<P>) => string
  /** Throws when what is to be changed is not there, before anybody is asked. */
  readonly needs?: (admin: PulsarAdmin, input: Input<P>) => Promise<unknown>
  /** Answers what programs are shown. */
  readonly call: (admin: PulsarAdmin, input: Input<P>, context: VerbContext) => Promise<Answer>
  /** For people; without, the answer as it is. */
  readonly show?: (answer: Answer) => View
}

export type Verb = Definition<Parameters, unknown>

/** The names of a group's commands, each with what it does. */
export type Verbs = Readonly<Record<string, Verb>>

/** Checks a definition and forgets its types, so that all of them fit into one table. */
export const verb = <P extends Parameters, Answer>(definition: Definition<P, Answer>): Verb =>
  definition as unknown as Verb
