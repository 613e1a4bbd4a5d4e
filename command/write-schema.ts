import { pgSchema } from 'drizzle-orm/pg-core'

/** Where the write side keeps the state of its aggregates. */
export const write = pgSchema('write')

/** The order in which tables are locked, everywhere: a transaction never takes a lower rank after a higher one. */
export const lockRank = {
  users: 10,
  userKeys: 20,
  reservations: 30,
  flights: 40,
  orders: 50,
  products: 60,
  offers: 70,
  holds: 80,
  stock: 90,
  payments: 100,
  shipments: 110,
} as const
