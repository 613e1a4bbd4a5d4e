import { z } from 'zod'
import { commandsOf, eventsOf } from '../../shared/contracts/contract.ts'
import { derivedId, newId } from '../../shared/kernel/ids.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import {
  type DomainEventHandler,
  handler,
  happened,
  lock,
  rejected,
  type Rows,
  type WriteModel,
} from '../../uow/handler.ts'
import { accounts, books, ledgers, mainLedger } from './uow-bank-rows.ts'

const command = commandsOf('bank')
const event = eventsOf('bank')
const id = z.string()

export const Open = command('Open', z.object({ id, balance: z.number() }))
export const OpenNamed = command('OpenNamed', z.object({ id, name: z.string(), pays: z.boolean() }))
export const Credit = command(
  'Credit',
  z.object({ id, amount: z.number(), mode: z.enum(['pessimistic', 'optimistic']).optional() }),
)
export const Transfer = command('Transfer', z.object({ from: id, to: id, amount: z.number() }))
export const Spread = command('Spread', z.object({ ids: z.array(id), amount: z.number() }))
export const KeepBook = command('KeepBook', z.object({ id, accounts: z.array(id) }))
export const CreditBook = command('CreditBook', z.object({ id, amount: z.number() }))
export const Note = command('Note', z.object({ id, note: z.string() }))
export const Peek = command('Peek', z.object({ id, into: id }))
export const Explode = command('Explode', z.object({ id }))

const credited = (account: string, amount: number) =>
  happened(accounts, account, { type: 'Credited', data: { amount } })
const debited = (account: string, amount: number) =>
  happened(accounts, account, { type: 'Debited', data: { amount } })

const missing = (rows: Rows, ids: readonly string[]) =>
  ids.find((account) => !rows.get(accounts, account))

const open = handler<z.output<typeof Open.schema>>({
  contract: Open,
  locks: ({ id: account }) => [lock(accounts, account)],
  decide: ({ id: account, balance }, rows) =>
    rows.get(accounts, account)
      ? rejected('exists', 'the account is open')
      : [happened(accounts, account, { type: 'Opened', data: { balance } })],
})

const openNamed = handler<z.output<typeof OpenNamed.schema>>({
  contract: OpenNamed,
  locks: ({ id: account }) => [lock(accounts, account)],
  claims: ({ id: account, name }) => [{ registry: 'bank.name', value: name, owner: account }],
  decide({ id: account, pays }, _rows, { granted }) {
    if (!granted('bank.name')) return rejected('name-taken', 'somebody else has that name')
    if (!pays) return rejected('no-money', 'nothing was paid in')
    return [happened(accounts, account, { type: 'Opened', data: { balance: 1 } })]
  },
})

const credit = handler<z.output<typeof Credit.schema>>({
  contract: Credit,
  locks: ({ id: account, mode }) => [lock(accounts, account, mode)],
  decide: ({ id: account, amount }, rows) =>
    rows.get(accounts, account)
      ? [credited(account, amount)]
      : rejected('not-found', 'no such account'),
})

const transfer = handler<z.output<typeof Transfer.schema>>({
  contract: Transfer,
  locks: ({ from, to }) => [lock(accounts, from), lock(accounts, to), lock(ledgers, mainLedger)],
  decide({ from, to, amount }, rows) {
    if (missing(rows, [from, to])) return rejected('not-found', 'no such account')
    if ((rows.get(accounts, from)?.balance ?? 0) < amount)
      return rejected('insufficient', 'there is not enough in it')
    return [debited(from, amount), credited(to, amount)]
  },
})

const spread = handler<z.output<typeof Spread.schema>>({
  contract: Spread,
  locks: ({ ids }) => ids.map((account) => lock(accounts, account)),
  decide: ({ ids, amount }) => ids.map((account) => credited(account, amount)),
})

const keepBook = handler<z.output<typeof KeepBook.schema>>({
  contract: KeepBook,
  locks: ({ id: book }) => [lock(books, book)],
  decide: ({ id: book, accounts: kept }) => [
    happened(books, book, { type: 'BookKept', data: { accounts: kept } }),
  ],
})

const creditBook = handler<z.output<typeof CreditBook.schema>>({
  contract: CreditBook,
  locks: ({ id: book }) => [lock(books, book, 'share')],
  alsoLocks: ({ id: book }, rows) =>
    (rows.get(books, book)?.accounts ?? []).map((account) => lock(accounts, account)),
  decide: ({ id: book, amount }, rows) =>
    rows.get(books, book)?.accounts.map((account) => credited(account, amount)) ??
    rejected('not-found', 'no such book'),
})

const note = handler<z.output<typeof Note.schema>>({
  contract: Note,
  locks: ({ id: account }) => [lock(accounts, account)],
  decide: ({ id: account, note: written }) => [
    happened(accounts, account, { type: 'Noted', data: { note: written } }),
  ],
})

const peek = handler<z.output<typeof Peek.schema>>({
  contract: Peek,
  locks: ({ id: account, into }) => [lock(accounts, into), lock(accounts, account, 'share')],
  decide: ({ id: account, into }, rows) => [
    credited(into, rows.get(accounts, account)?.balance ?? 0),
  ],
})

const explode = handler<z.output<typeof Explode.schema>>({
  contract: Explode,
  locks: ({ id: account }) => [lock(accounts, account)],
  decide: () => {
    throw new Error('boom')
  },
})

const handlers = [
  open,
  openNamed,
  credit,
  transfer,
  spread,
  keepBook,
  creditBook,
  note,
  peek,
  explode,
]

const published = (name: string) => {
  const { type, topic } = event(name, z.object({}))
  return ({ data }: { readonly data: object }) => ({ type, topic, data })
}

type Debited = { readonly type: 'Debited'; readonly data: { readonly amount: number } }

const bookMovement: DomainEventHandler<Debited> = ({ data: { amount } }) => [
  happened(ledgers, mainLedger, { type: 'MovementBooked', data: { amount } }),
]

const notePayment: DomainEventHandler<Debited> = ({ data: { amount } }, { id: account }) => [
  happened(accounts, account, { type: 'Noted', data: { note: `last paid ${amount}` } }),
]

export const bankModel: WriteModel = {
  handlers: Object.fromEntries(
    handlers.map((made) => [
      made.contract.type,
      { handler: made, mapper: (data) => made.contract.schema.parse(data) },
    ]),
  ),
  reactions: { Debited: [bookMovement, notePayment] },
  integration: {
    Opened: published('Opened'),
    Credited: published('Credited'),
    Debited: published('Debited'),
    BookKept: published('BookKept'),
    MovementBooked: published('MovementBooked'),
    Noted: null,
  },
}

/** Accounts whose ids sort in the order of their numbers. */
export const accountId = (number: number): string =>
  `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`

export const bankCommand = (
  contract: { readonly type: string },
  data: Readonly<Record<string, unknown>> & { readonly id?: string },
  more: Partial<Envelope> = {},
): Envelope => {
  const envelopeId = more.id ?? newId()
  return {
    id: envelopeId,
    type: contract.type,
    source: '/tests',
    time: new Date().toISOString(),
    subject: data.id ?? derivedId(JSON.stringify(data)),
    data,
    correlationId: envelopeId,
    ...more,
  }
}
