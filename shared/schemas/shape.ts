/**
 * What a JSON value looks like: the little that zod and Avro have in common, and all that contracts
 * may use.
 */
export type Shape =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'enum'; readonly words: readonly string[] }
  | { readonly kind: 'list'; readonly items: Slot }
  | { readonly kind: 'map'; readonly values: Slot }
  | RecordShape

export type ScalarKind = 'string' | 'boolean' | 'int' | 'long' | 'double'

export interface RecordShape {
  readonly kind: 'record'
  readonly fields: Readonly<Record<string, Field>>
}

export interface Slot {
  readonly shape: Shape
  readonly nullable: boolean
}

export interface Field extends Slot {
  /** It may be absent, which is not the same as null. */
  readonly optional: boolean
}
