import { pgSchema } from 'drizzle-orm/pg-core'

export const read = pgSchema('read')
