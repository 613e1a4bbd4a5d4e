import { describe, expect, test } from 'bun:test'
import { reservationBody, userBody } from '../support/bodies.ts'
import { accepted, finished, json, send } from '../support/client.ts'
import { wholeSystem } from '../support/whole-system.ts'
import { onEachBroker } from '../support/on-each-broker.ts'

onEachBroker((broker) => {
  const system = wholeSystem(broker)

  interface Reservation {
    readonly id: string
    readonly status: string
    readonly client_id: string | null
    readonly route: string
    readonly trip_type: string
    readonly version: number
  }

  describe('the final proof of the tutorial, by our own routes', () => {
    test('a reservation is made, read, approved, paid and cancelled', async () => {
      const made = await accepted(`${system.commandUrl}/reservations`, reservationBody)
      const read = await json<Reservation>(`${made.href}?min_version=1`)
      expect(read).toMatchObject({
        id: made.id,
        status: 'PENDING',
        route: 'BOG-JFK',
        trip_type: 'ONE_WAY',
      })
      for (const [step, status] of [
        ['approve', 'APPROVED'],
        ['pay', 'PAID'],
        ['cancel', 'CANCELLED'],
      ]) {
        const receipt = await finished(
          await accepted(`${system.commandUrl}/reservations/${made.id}/${step}`, {}),
        )
        expect(receipt).toMatchObject({ status: 'completed', id: made.id })
        const after = await json<Reservation>(`${made.href}?min_version=${receipt.version}`)
        expect(after.status).toBe(status!)
      }
      const again = await finished(
        await accepted(`${system.commandUrl}/reservations/${made.id}/pay`, {}),
      )
      expect(again.status).toBe('rejected')
      expect(again.problem?.type).toBe('urn:aeroalpes:problem:invalid-transition')
    })

    test('a user is registered, validated with the mailed code, given a reservation, and read', async () => {
      const email = `ana.${crypto.randomUUID()}@example.org`
      const user = await accepted(`${system.commandUrl}/users`, userBody(email))
      expect(await finished(user)).toMatchObject({ status: 'completed', version: 1 })
      const taken = await finished(
        await accepted(`${system.commandUrl}/users`, userBody(email.toUpperCase())),
      )
      expect(taken).toMatchObject({
        status: 'rejected',
        problem: { type: 'urn:aeroalpes:problem:email-taken' },
      })

      const validate = (code: string) =>
        accepted(`${system.commandUrl}/users/${user.id}/validate`, { code }).then(finished)
      expect((await validate('00000000')).problem?.type).toBe('urn:aeroalpes:problem:wrong-code')
      expect((await validate(await mailedCode(email))).status).toBe('completed')

      const { id: reservation_id } = await accepted(
        `${system.commandUrl}/reservations`,
        reservationBody,
      )
      const linked = await finished(
        await accepted(`${system.commandUrl}/users/${user.id}/reservations`, { reservation_id }),
      )
      expect(linked.status).toBe('completed')
      expect(linked.events.map(({ type }) => type)).toEqual([
        'aeroalpes.users.ReservationAddedToUser.v1',
        'aeroalpes.reservations.ReservationAssigned.v1',
      ])
      const read = await json<object>(`${user.href}?min_version=${linked.version}`)
      expect(read).toMatchObject({
        id: user.id,
        first_name: 'Ana',
        email,
        status: 'VALIDATED',
        kind: 'person',
      })
      expect(JSON.stringify(read)).not.toContain('argon2')
      const reservation = await json<Reservation>(
        `${system.queryUrl}/reservations/${reservation_id}?min_version=2`,
      )
      expect(reservation.client_id).toBe(user.id)
      const found = await json<{ items: object[] }>(
        `${system.queryUrl}/users?email=${encodeURIComponent(email.toUpperCase())}`,
      )
      expect(found.items).toMatchObject([{ id: user.id }])
      const session = await send(`${system.commandUrl}/sessions`, {
        email,
        password: userBody(email).password,
      })
      expect(await session.json()).toMatchObject({ token_type: 'Bearer' })
    })

    const mailedCode = async (email: string): Promise<string> => {
      const url = `${system.queryUrl}/notifications?recipient=${encodeURIComponent(email)}`
      for (;;) {
        const { items } = await json<{ items: { body: string }[] }>(url)
        const code = items[0] && /\b\d{8}\b/.exec(items[0].body)?.[0]
        if (code) return code
        await Bun.sleep(20)
      }
    }
  })

  describe("the final proof of the tutorial, by the tutorial's own routes", () => {
    const body = {
      itinerarios: [
        {
          odos: [
            {
              segmentos: [
                {
                  legs: [
                    {
                      fecha_salida: '2022-11-22T13:10:00Z',
                      fecha_llegada: '2022-11-22T15:10:00Z',
                      origen: { codigo: 'BOG', nombre: 'El Dorado' },
                      destino: { codigo: 'JFK', nombre: 'John F. Kennedy' },
                    },
                  ],
                },
              ],
            },
          ],
        },
      ],
    }

    test('a reservation is made asynchronously and read back in Spanish', async () => {
      const { id } = await accepted(`${system.tutorialUrl}/vuelos/reserva-comando`, body)
      await json(`${system.queryUrl}/reservations/${id}?min_version=1`)
      for (const route of ['reserva', 'reserva-query']) {
        const read = await json<object>(`${system.tutorialUrl}/vuelos/${route}/${id}`)
        expect(read).toMatchObject({ id, itinerarios: body.itinerarios })
      }
    })
    test('a reservation that is waited for is answered whole', async () => {
      const answer = await send(`${system.tutorialUrl}/vuelos/reserva`, body)
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ itinerarios: body.itinerarios })
    })
    test('a broken rule is a 400 with an error', async () => {
      const answer = await send(`${system.tutorialUrl}/vuelos/reserva`, { itinerarios: [] })
      expect(answer.status).toBe(400)
      expect(await answer.json()).toEqual({ error: expect.any(String) })
    })
  })
})
