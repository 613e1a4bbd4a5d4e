import { integer, json, pgSchema, text, uuid } from 'drizzle-orm/pg-core'
import { aggregate } from '../../uow/aggregate.ts'

/** A bank that exists in tests only: accounts, books that say which accounts belong together, one ledger. */
const bank = pgSchema('bank')

export const accountTable = bank.table('account', {
  id: uuid().primaryKey(),
  version: integer().notNull(),
  balance: integer().notNull(),
  note: text(),
})
const bookTable = bank.table('book', {
  id: uuid().primaryKey(),
  version: integer().notNull(),
  accounts: json().$type<readonly string[]>().notNull(),
})
const ledgerTable = bank.table('ledger', {
  id: text().primaryKey(),
  version: integer().notNull(),
  moved: integer().notNull(),
})

export const bankSchema = [
  'CREATE SCHEMA bank',
  'CREATE TABLE bank.account (id uuid PRIMARY KEY, version integer NOT NULL, balance integer NOT NULL, note text)',
  'CREATE TABLE bank.book (id uuid PRIMARY KEY, version integer NOT NULL, accounts json NOT NULL)',
  'CREATE TABLE bank.ledger (id text PRIMARY KEY, version integer NOT NULL, moved integer NOT NULL)',
]

type Account = Readonly<typeof accountTable.$inferSelect>
type Book = Readonly<typeof bookTable.$inferSelect>
type Ledger = Readonly<typeof ledgerTable.$inferSelect>

export type AccountEvent =
  | { readonly type: 'Opened'; readonly data: { readonly balance: number } }
  | { readonly type: 'Credited' | 'Debited'; readonly data: { readonly amount: number } }
  | { readonly type: 'Noted'; readonly data: { readonly note: string } }
type BookEvent = {
  readonly type: 'BookKept'
  readonly data: { readonly accounts: readonly string[] }
}
type LedgerEvent = {
  readonly type: 'MovementBooked'
  readonly data: { readonly amount: number }
}

export const accounts = aggregate<Account, AccountEvent>({
  name: 'accounts',
  rank: 20,
  table: accountTable,
  evolve(row, { type, data }, { id }) {
    if (type === 'Opened') return { id, balance: data.balance, note: null }
    const before = row ?? { id, balance: 0, note: null }
    if (type === 'Noted') return { ...before, note: data.note }
    return { ...before, balance: before.balance + (type === 'Credited' ? 1 : -1) * data.amount }
  },
})
export const books = aggregate<Book, BookEvent>({
  name: 'books',
  rank: 10,
  table: bookTable,
  inTurns: true,
  evolve: (_row, { data }, { id }) => ({ id, accounts: data.accounts }),
})
export const ledgers = aggregate<Ledger, LedgerEvent>({
  name: 'ledgers',
  rank: 30,
  table: ledgerTable,
  evolve: (row, { data }, { id }) => ({ id, moved: (row?.moved ?? 0) + data.amount }),
})

export const mainLedger = 'main'
