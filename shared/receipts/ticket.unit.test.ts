import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { openTicket, signTicket, type TicketClaims } from './ticket.ts'

const secret = 'a secret of thirty-two characters'
const claims: TicketClaims = {
  command_id: '0197f1aa-5c1e-7d3a-8b9e-2f6f0c1d2e3f',
  type: 'aeroalpes.reservations.CreateReservation.v1',
  target_id: '0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
  owner: null,
  submitted_at: '2026-11-20T10:00:00.000Z',
}
const ticket = signTicket(secret, claims)

describe('a ticket', () => {
  test('opens to its claims, for its command, and is safe in a URL', () => {
    expect(openTicket(secret, ticket, claims.command_id)).toEqual(claims)
    expect(
      openTicket(secret, signTicket(secret, { ...claims, owner: 'Ño' }), claims.command_id),
    ).toEqual({
      ...claims,
      owner: 'Ño',
    })
    expect(ticket).toMatch(/^[\w.-]+$/)
  })
  test('is as if absent for another command or of another secret', () => {
    expect(openTicket(secret, ticket, claims.target_id)).toBeUndefined()
    expect(openTicket(`${secret}!`, ticket, claims.command_id)).toBeUndefined()
  })
  test('is as if absent when it is missing, empty, of another version or absurdly long', () => {
    for (const text of [undefined, '', '..', `2${ticket.slice(1)}`, `${ticket}.`, 'x'.repeat(1e6)])
      expect(openTicket(secret, text, claims.command_id)).toBeUndefined()
  })
  test('is as if absent after any cut or change of a character', () => {
    const alphabet = fc.constantFrom(...'ABab01-_.=')
    fc.assert(
      fc.property(fc.nat(ticket.length - 1), alphabet, (at, char) => {
        fc.pre(ticket[at] !== char)
        const changed = ticket.slice(0, at) + char + ticket.slice(at + 1)
        expect(openTicket(secret, changed, claims.command_id)).toBeUndefined()
        expect(openTicket(secret, ticket.slice(0, at), claims.command_id)).toBeUndefined()
      }),
    )
  })
  test('whose claims were exchanged under an old signature is as if absent', () => {
    const [version, , signature] = ticket.split('.')
    const [, payload] = signTicket('another', { ...claims, owner: 'mallory' }).split('.')
    const forged = `${version}.${payload}.${signature}`
    expect(openTicket(secret, forged, claims.command_id)).toBeUndefined()
  })
})
