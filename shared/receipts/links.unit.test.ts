import { expect, test } from 'bun:test'
import { commands } from '../contracts/topology.ts'
import { hrefOf, statusUrlOf } from './links.ts'

test('every command leads to its thing on the query side', () => {
  const { CreateReservation, RegisterUser } = commands
  expect(hrefOf('http://q:8001/', CreateReservation.type, '7')).toBe('http://q:8001/reservations/7')
  const newer = CreateReservation.type.replace('.v1', '.v2')
  expect(hrefOf('http://q:8001/', newer, '7')).toBe('http://q:8001/reservations/7')
  expect(hrefOf('http://q:8001', RegisterUser.type, '7')).toBe('http://q:8001/users/7')
  for (const { type } of Object.values(commands))
    expect(hrefOf('http://q', type, '7')).toMatch(/^http:\/\/q\/\w+\/7$/)
})

test('a command of a type that is not known leads to the query side itself', () => {
  expect(hrefOf('http://q', 'aeroalpes.ships.Launch.v1', '7')).toBe('http://q')
})

test('the status address carries the ticket', () => {
  expect(statusUrlOf('http://c:8000/', 'id', '1.a.b')).toBe(
    'http://c:8000/commands/id?ticket=1.a.b',
  )
})
