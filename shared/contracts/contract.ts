import type { z } from 'zod'

/**
 * One message of the published language: a command (imperative) or an integration event (past tense),
 * with its schema, version and topic. The topic and the type follow from module, name and version.
 */
export interface Contract<
  Kind extends 'command' | 'event' = 'command' | 'event',
  Name extends string = string,
  Schema extends z.ZodType = z.ZodType,
> {
  readonly kind: Kind
  readonly module: string
  readonly name: Name
  readonly version: number
  /** `ce_type`: `aeroalpes.<module>.<Name>.v<N>` */
  readonly type: string
  /** `persistent://aeroalpes/<commands|events>/<module>` */
  readonly topic: string
  readonly schema: Schema
  /** How messages of before are read, by their version: see `upcasting.ts`. */
  readonly earlier: EarlierVersions
}

/** A version of before: its schema, and what turns its data into those of the version after it. */
export interface EarlierVersion {
  readonly schema: z.ZodType
  readonly upcast: (data: never) => object
}

export type EarlierVersions = Readonly<Record<number, EarlierVersion>>

export type CommandContract<
  Name extends string = string,
  Schema extends z.ZodType = z.ZodType,
> = Contract<'command', Name, Schema>

export type EventContract<
  Name extends string = string,
  Schema extends z.ZodType = z.ZodType,
> = Contract<'event', Name, Schema>

export type DataOf<C extends Contract> = z.output<C['schema']>

const contract =
  <const Kind extends 'command' | 'event'>(kind: Kind) =>
  (module: string) =>
  <const Name extends string, Schema extends z.ZodType>(
    name: Name,
    schema: Schema,
    version = 1,
    earlier: EarlierVersions = {},
  ): Contract<Kind, Name, Schema> => ({
    kind,
    module,
    name,
    version,
    type: `aeroalpes.${module}.${name}.v${version}`,
    topic: `persistent://aeroalpes/${kind}s/${module}`,
    schema,
    earlier,
  })

/** `commandsOf('users')('RegisterUser', schema)` */
export const commandsOf = contract('command')
/** `eventsOf('users')('UserRegistered', schema)`; a second version: `(..., schema, 2, { 1: upcastFrom(...) })` */
export const eventsOf = contract('event')
