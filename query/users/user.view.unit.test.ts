import { expect, test } from 'bun:test'
import type { UserEvent } from './user.event.ts'
import type { UserReservationRow, UserRow } from './user.table.ts'
import { userReservationView } from './user-reservation.view.ts'
import { userView } from './user.view.ts'

const id = '01970000-0000-7000-8000-000000000001'
const reservation_id = '01970000-0000-7000-8000-000000000002'
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute))
const happened = (event: Pick<UserEvent, 'name' | 'data'>) =>
  ({ id: 'e', subject: id, sequence: 2, time: at(5), ...event }) as UserEvent

const registration = {
  user_id: id,
  kind: 'person',
  locale: 'es-CO',
  email_digest: 'digest',
  registered_at: at(0).toISOString(),
} as const
const personal = { first_name: 'Ana', last_name: 'Ruiz', email: 'Ana@Example.com' }

const ana: UserRow = {
  id,
  kind: 'person',
  status: 'REGISTERED',
  locale: 'es-CO',
  first_name: 'Ana',
  last_name: 'Ruiz',
  email: 'Ana@Example.com',
  email_folded: 'ana@example.com',
  national_id: null,
  tax_id: null,
  birth_date: null,
  incorporated_on: null,
  registered_at: at(0),
  updated_at: at(5),
  version: 1,
  revision: 1,
}
const { version: _, revision: __, ...projectedAna } = ana

test('a registered user is found by the address in any case', () => {
  const event = happened({ name: 'UserRegistered', data: { ...registration, personal } })
  expect(userView.project(undefined, event)).toEqual(projectedAna)
})

test('an erased user keeps a row, with nothing personal in it', () => {
  const event = happened({ name: 'UserRegistered', data: { ...registration, personal: null } })
  expect(userView.project(undefined, event)).toEqual({
    ...projectedAna,
    first_name: null,
    last_name: null,
    email: null,
    email_folded: null,
  })
})

test.each([
  ['UserValidated', 'VALIDATED'],
  ['UserDeactivated', 'DEACTIVATED'],
] as const)('%s makes a user %s', (name, status) => {
  const event = happened({ name, data: { user_id: id, reason: null } })
  expect(userView.project(ana, event)).toEqual({ ...ana, status })
})

test('a link adds a row to the list and leaves the user as they are', () => {
  const event = happened({ name: 'ReservationAddedToUser', data: { user_id: id, reservation_id } })
  expect(userView.project(ana, event)).toEqual(ana)
  const link = userReservationView.project(undefined, event) as UserReservationRow
  expect(link).toEqual({
    id: userReservationView.rowId(event)!,
    user_id: id,
    reservation_id,
    linked_at: at(5),
  } as UserReservationRow)
})

test('only a link changes the list of links', () => {
  expect(
    userReservationView.rowId(happened({ name: 'UserValidated', data: { user_id: id } })),
  ).toBeUndefined()
})
