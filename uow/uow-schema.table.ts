import { pgSchema } from 'drizzle-orm/pg-core'

/** What the unit of work keeps for itself, beside the aggregates' own tables. */
export const uow = pgSchema('uow')
