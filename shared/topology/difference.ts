import type { PulsarAdmin } from '../pulsar/admin/admin.ts'
import { PulsarAdminError } from '../pulsar/admin/errors.ts'

export type DifferenceKind =
  'tenant' | 'namespace' | 'policy' | 'topic' | 'partitions' | 'subscription' | 'schema'

/** One thing that is not as it has to be. */
export interface Difference {
  readonly kind: DifferenceKind
  /** What it is about: a tenant, a namespace or a topic. */
  readonly on: string
  readonly is: string
  readonly wanted: string
  readonly remedy: Remedy
}

/** How it becomes as it has to be, or why that is for people to decide. */
export type Remedy =
  { readonly refused: string } | { readonly mend: (admin: PulsarAdmin) => Promise<void> }

export const isRefused = ({ remedy }: Difference): boolean => 'refused' in remedy

/** What it finds; undefined where there is none. */
export async function existing<Found>(asked: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asked
  } catch (error) {
    if (isKind(error, 'not-found')) return undefined
    throw error
  }
}

/** Creates what others may be creating at this moment. */
export async function unlessThere(created: Promise<unknown>): Promise<void> {
  try {
    await created
  } catch (error) {
    if (!isKind(error, 'conflict')) throw error
  }
}

export const isKind = (error: unknown, kind: PulsarAdminError['kind']): boolean =>
  error instanceof PulsarAdminError && error.kind === kind
