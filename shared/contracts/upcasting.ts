import type { z } from 'zod'
import { Poison } from '../kernel/fates.ts'
import type { Contract, DataOf, EarlierVersion } from './contract.ts'

/**
 * One entry of a contract's `earlier`: messages of that version are read by its `schema`, and `upcast`
 * makes of their data those of the version after it. Each step is pure, and knows nothing of later ones.
 */
export const upcastFrom = <Schema extends z.ZodType>(
  schema: Schema,
  upcast: (data: z.output<Schema>) => object,
): EarlierVersion => ({ schema, upcast })

/** The version in a `ce_type` when it names this contract, whatever the version; else undefined. */
export const namedVersion = ({ type, version }: Contract, named: string): number | undefined => {
  const stem = type.slice(0, -String(version).length)
  if (!named.startsWith(stem)) return undefined
  const digits = named.slice(stem.length)
  return /^[1-9]\d*$/.test(digits) ? Number(digits) : undefined
}

/** A contract, and the version of it that a message has. */
export interface Versioned<C extends Contract> {
  readonly contract: C
  readonly version: number
}

export interface ContractReader<C extends Contract> {
  /**
   * Which contract reads messages of this `ce_type`; undefined when none is named. Throws `Poison`
   * slug `unknown-version` for a version that is newer than the contract, or older than it reads:
   * whoever passes over such a message loses it, whoever parks it can let it run after an update.
   */
  find(type: string): Versioned<C> | undefined
  /** Whether one of them is named, in whatever version: false for what can be passed over. */
  names(type: string): boolean
}

/** Finds contracts by the type of a message, also of messages of earlier versions. */
export const contractReader = <C extends Contract>(contracts: readonly C[]): ContractReader<C> => {
  const known = new Map<string, Versioned<C>>()
  for (const contract of contracts) {
    known.set(contract.type, { contract, version: contract.version })
    for (const { type, version } of earlierContracts(contract))
      known.set(type, { contract, version })
  }
  return {
    find(type) {
      const found = known.get(type)
      if (found) return found
      for (const contract of contracts) {
        const version = namedVersion(contract, type)
        if (version !== undefined) throw unknownVersion(contract, type, version)
      }
      return undefined
    },
    names: (type) =>
      known.has(type) || contracts.some((contract) => namedVersion(contract, type) !== undefined),
  }
}

const unknownVersion = (contract: Contract, type: string, version: number) =>
  new Poison(
    'unknown-version',
    version > contract.version
      ? `${type} is newer than version ${contract.version}, the latest that is known here:` +
          ' let it run again after the update of this process'
      : `${type} is older than what is read here: ${contract.type} says no way from it`,
  )

/**
 * The contracts of the versions of before that can be read, oldest first: for whoever has to know what
 * may still be on a topic. A version counts while every step from it to the current one is there.
 */
export const earlierContracts = <C extends Contract>(contract: C): readonly Contract[] => {
  const { type, version: current, earlier } = contract
  const found: Contract[] = []
  for (let version = current - 1; version > 0; version--) {
    const step = earlier[version]
    if (!step) break
    const named = `${type.slice(0, -String(current).length)}${version}`
    found.unshift({ ...contract, version, type: named, schema: step.schema, earlier: {} })
  }
  return found
}

/** As of zod's `safeParse`: the failure names the field, of the version that could not be read. */
type Read<Data> =
  | { readonly success: true; readonly data: Data }
  | { readonly success: false; readonly error: z.ZodError }

/**
 * The data of a message of any version that `find` answers, as the contract reads them today.
 */
export const readData = <C extends Contract>(
  { contract, version }: Versioned<C>,
  data: unknown,
): Read<DataOf<C>> => {
  const upcasted = upcast(contract, version, data)
  if (!upcasted.success) return upcasted
  return contract.schema.safeParse(upcasted.data) as Read<DataOf<C>>
}

/**
 * The data of a message of an earlier version in the form of today, for whoever reads that form:
 * checked in every step but the last. Throws `Poison` slug `unreadable-message` naming the field.
 */
export const upcastData = ({ contract, version }: Versioned<Contract>, data: unknown): unknown => {
  const upcasted = upcast(contract, version, data)
  if (upcasted.success) return upcasted.data
  const [issue] = upcasted.error.issues
  const where = `${contract.name} of version ${version} at /${issue?.path.join('/') ?? ''}`
  throw new Poison('unreadable-message', `${where}: ${issue?.message}`)
}

const upcast = (
  { version: current, earlier }: Contract,
  version: number,
  data: unknown,
): Read<unknown> => {
  let upcasted = data
  for (let step = version; step < current; step++) {
    const read = earlier[step]?.schema.safeParse(upcasted)
    if (!read?.success) return read ?? { success: true, data: upcasted }
    upcasted = earlier[step]?.upcast(read.data as never)
  }
  return { success: true, data: upcasted }
}
