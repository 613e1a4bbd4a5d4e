import { describe, expect, test } from 'bun:test'
import { pino } from 'pino'
import { reservationBody, userBody } from '../tests/support/bodies.ts'
import { commandAppWith } from '../tests/support/command-app.ts'
import { undocumented } from '../tests/support/undocumented.ts'

const id = '0197a000-0000-7000-8000-00000000000f'
const [itinerary] = reservationBody.itineraries
const leg = itinerary.odos[0].segments[0].legs[0]
const withLegs = (...legs: readonly object[]) => ({
  itineraries: [{ odos: [{ segments: [{ legs }] }] }],
})
const user = userBody('ana@example.com')
const bytes = (count: number) => `{"reason":"${'x'.repeat(count)}"}`

interface Bad {
  readonly path?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly status?: number
  readonly pointer?: string
}

const bad: Readonly<Record<string, Bad>> = {
  'truncated JSON': { body: '{"itineraries": [' },
  'no body': { body: '' },
  'a list for a body': { body: '[]', pointer: '' },
  'a wrong type': { body: { itineraries: 'many' }, pointer: '/itineraries' },
  'an unknown field': { body: { ...reservationBody, colour: 1 }, pointer: '/colour' },
  'an unknown field deep inside': {
    body: withLegs({ ...leg, gate: 7 }),
    pointer: '/itineraries/0/odos/0/segments/0/legs/0/gate',
  },
  'a body of 2 MB': { path: `/reservations/${id}/cancel`, body: bytes(2_000_000), status: 413 },
  'a body of another type': { headers: { 'content-type': 'text/plain' }, status: 415 },
  'no itinerary': { body: { itineraries: [] }, pointer: '/itineraries' },
  'itineraries left out': { body: {}, pointer: '/itineraries' },
  'an odo without segments': {
    body: { itineraries: [{ odos: [{ segments: [] }] }] },
    pointer: '/itineraries/0/odos/0/segments',
  },
  'origin = destination': {
    body: withLegs({ ...leg, destination: leg.origin }),
    pointer: '/itineraries/0/odos/0/segments/0/legs/0/destination/code',
  },
  'arrival before departure': {
    body: withLegs({ ...leg, arrival: '2022-11-22T13:09:59Z' }),
    pointer: '/itineraries/0/odos/0/segments/0/legs/0/arrival',
  },
  'legs that do not join up': {
    body: withLegs(leg, {
      ...leg,
      departure: '2022-11-23T00:00:00Z',
      arrival: '2022-11-23T01:00:00Z',
    }),
    pointer: '/itineraries/0/odos/0/segments/0/legs/1/origin/code',
  },
  'a leg that departs before the last one landed': {
    body: withLegs(leg, { ...leg, origin: leg.destination, destination: leg.origin }),
    pointer: '/itineraries/0/odos/0/segments/0/legs/1/departure',
  },
  'a time that is no time': {
    body: withLegs({ ...leg, departure: 'tomorrow' }),
    pointer: '/itineraries/0/odos/0/segments/0/legs/0/departure',
  },
  'a day that does not exist': {
    body: withLegs({ ...leg, departure: '2022-02-30T00:00:00Z' }),
    pointer: '/itineraries/0/odos/0/segments/0/legs/0/departure',
  },
  'passengers without an adult': {
    body: { ...reservationBody, passengers: [{ type: 'minor', class: 'economy' }] },
    pointer: '/passengers',
  },
  'a class that is not flown': {
    body: { ...reservationBody, passengers: [{ type: 'adult', class: 'royal' }] },
    pointer: '/passengers/0/class',
  },
  'NUL in a name': {
    path: '/users',
    body: { ...user, first_name: 'A\0na' },
    pointer: '/first_name',
  },
  'NUL in the name of a field': { path: '/users', body: { ...user, 'a\0b': 1 } },
  'half a surrogate pair': {
    path: '/users',
    body: JSON.stringify(user).replace('"Ana"', String.raw`"\ud800"`),
    pointer: '/first_name',
  },
  'a line break in a name': {
    path: '/users',
    body: { ...user, first_name: 'Ana\r\nBcc: eva@example.com' },
    pointer: '/first_name',
  },
  'a blank name': { path: '/users', body: { ...user, last_name: '  ' }, pointer: '/last_name' },
  'a name of 201 characters': {
    path: '/users',
    body: { ...user, first_name: 'a'.repeat(201) },
    pointer: '/first_name',
  },
  'an e-mail address of 10,000 characters': {
    path: '/users',
    body: { ...user, email: `${'a'.repeat(9988)}@example.com` },
    pointer: '/email',
  },
  'an e-mail address without a host': {
    path: '/users',
    body: { ...user, email: 'ana' },
    pointer: '/email',
  },
  'a password of 7 characters': {
    path: '/users',
    body: { ...user, password: 'short12' },
    pointer: '/password',
  },
  'a kind of user nobody knows': {
    path: '/users',
    body: { ...user, kind: 'robot' },
    pointer: '/kind',
  },
  'a birth date that is no date': {
    path: '/users',
    body: { ...user, birth_date: '1990-13-01' },
    pointer: '/birth_date',
  },
  'an id in the path that is no UUID': {
    path: '/reservations/42/approve',
    body: {},
    pointer: '/path/id',
  },
  'an id in the body that is no UUID': {
    path: `/users/${id}/reservations`,
    body: { reservation_id: '42' },
    pointer: '/reservation_id',
  },
  'Prefer: wait=-1': { headers: { prefer: 'wait=-1' }, pointer: '/headers/prefer' },
  'an Idempotency-Key of 10 kB': {
    headers: { 'idempotency-key': 'k'.repeat(10_240) },
    pointer: '/headers/idempotency-key',
  },
}

describe('bad input is refused at once, and nothing is published:', () => {
  for (const [what, { path = '/reservations', body = reservationBody, ...rest }] of Object.entries(
    bad,
  ))
    test(what, async () => {
      const { post, published } = commandAppWith()
      const answer = await post(path, body, rest.headers)
      expect(answer.status).toBe(rest.status ?? 400)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      const problem = (await answer.json()) as { errors?: { pointer: string }[] }
      if (rest.pointer !== undefined)
        expect(problem.errors?.map(({ pointer }) => pointer)).toContain(rest.pointer)
      expect(published).toHaveLength(0)
    })

  test('a chunked body of 2 MB', async () => {
    const { app, published } = commandAppWith()
    let sent = 0
    const chunk = new TextEncoder().encode('x'.repeat(65_536))
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += chunk.length
        if (sent > 2_000_000) controller.close()
        else controller.enqueue(chunk)
      },
    })
    const answer = await app.request(`/reservations/${id}/cancel`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(answer.status).toBe(413)
    expect(sent).toBeLessThan(1_400_000)
    expect(published).toHaveLength(0)
  })
})

describe('what is unusual and right is taken:', () => {
  const taken = async (path: string, body: unknown) => {
    const { post, published } = commandAppWith()
    const answer = await post(path, body)
    expect([answer.status, await answer.text()]).toEqual([202, expect.any(String)])
    return published[0]!.envelope
  }

  test('names in any script', async () => {
    await taken('/users', { ...user, first_name: 'Zoë 李 👩‍✈️', last_name: "O'Brien-Núñez" })
  })

  test('ids in upper case, answered in lower case', async () => {
    expect((await taken(`/reservations/${id.toUpperCase()}/approve`, {})).subject).toBe(id)
  })

  test('times with an offset, turned into UTC', async () => {
    const { data } = await taken(
      '/reservations',
      withLegs({ ...leg, departure: '2022-11-22T08:10:00-05:00' }),
    )
    expect(data).toMatchObject(withLegs({ departure: '2022-11-22T13:10:00.000Z' }))
  })

  test('an empty body where nothing has to be said', async () => {
    for (const verb of ['approve', 'pay', 'cancel']) await taken(`/reservations/${id}/${verb}`, '')
    await taken(`/users/${id}/deactivate`, '')
  })

  test('an empty list of passengers', async () => {
    await taken('/reservations', { ...reservationBody, passengers: [] })
  })
})

test('the document names every route that answers', () => {
  expect(undocumented(commandAppWith().app)).toEqual([])
})

test('a command is logged with the id by which everything that it causes is found', async () => {
  const lines: { correlation_id?: string; request_id?: string }[] = []
  const write = (line: string) => lines.push(JSON.parse(line))
  const logger = pino({ level: 'info' }, { write })
  const under = commandAppWith({ logger })
  const answer = await under.post('/reservations', reservationBody, { 'x-request-id': 'r-1' })
  const { command_id } = (await answer.json()) as { command_id: string }
  expect(lines).toMatchObject([{ correlation_id: command_id, request_id: 'r-1' }])
  expect(under.published[0]?.envelope.correlationId).toBe(command_id)
})
