import type { z } from 'zod'
import type { Page } from '../../shared/http/paging.ts'
import type { PageRequest } from './keyset.ts'

/** A list that one module lends to another's route: they never import each other. */
export interface ListOf<Filter> {
  readonly item: z.ZodType
  readonly example: object
  page(filter: Filter, request: PageRequest): Promise<Page<object>>
}
