import { afterAll, beforeAll, expect, test } from 'bun:test'
import { commands, deadLetterTopic, subscriptions } from '../../shared/contracts/topology.ts'
import { toMessage } from '../../shared/messaging/envelope.ts'
import type { OutgoingMessage, ReceivedMessage } from '../../shared/messaging/port.ts'
import { reservationBody } from '../support/bodies.ts'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { emptyLedger, enter } from '../support/chaos-ledger.ts'
import { clean, type Verdict, verdict } from '../support/chaos-oracle.ts'
import { eventually, type RunningProcess } from '../support/system.ts'

let fleet: Fleet
let api: RunningProcess
beforeAll(async () => {
  fleet = await assembleFleet()
  api = await fleet.run(['command-api'])
}, 60_000)
afterAll(() => fleet.end(), 60_000)

const { topic, type } = commands.CreateReservation
const wellFormed = (id: string, ofType: string): OutgoingMessage =>
  toMessage({
    id,
    type: ofType,
    source: 'urn:aeroalpes:tests',
    time: new Date().toISOString(),
    subject: id,
    correlationId: 'a correlation',
    data: { reservation_id: id },
  })
const poisons = (): readonly OutgoingMessage[] => {
  const unparsable = crypto.randomUUID()
  return [
    { key: 'bare', payload: Buffer.from('\u0000 no JSON'), properties: {} },
    { ...wellFormed(unparsable, type), payload: Buffer.from('{"reservation_id": ') },
    wellFormed(crypto.randomUUID(), 'aeroalpes.reservations.FoldReservation.v9'),
    wellFormed(crypto.randomUUID(), type),
  ]
}

test('among 99 commands, what cannot be read or is of no known type ends in the dead letters and stops nobody', async () => {
  const ledger = emptyLedger()
  const publisher = fleet.broker.publisher()
  const bad = poisons()
  // Nobody works yet, so that all of it is read as one batch.
  for (let number = 0; number < 99; number += 1) {
    if (number % 25 === 10) await publisher.publish(topic, bad[Math.floor(number / 25)]!)
    await enter(ledger, `${api.commandUrl}/reservations`, reservationBody)
  }
  await fleet.run(['command-worker', 'relay', 'projector'])
  const letters = await deadLetters(bad.length)
  expect(letters.map(({ key }) => key).sort()).toEqual(bad.map(({ key }) => key).sort())
  for (const letter of letters) {
    const sent = bad.find(({ key }) => key === letter.key)!
    expect(Buffer.from(letter.payload)).toEqual(Buffer.from(sent.payload))
    expect(letter.properties).toMatchObject({ ...sent.properties, REAL_TOPIC: topic })
    expect(letter.properties['ce_error']).toBeTruthy()
  }
  const { lanes, strays, ...rest } = await verdict(fleet, ledger)
  expect(ledger.accepted.size).toBe(99)
  expect<Verdict>({ ...rest, lanes: [], strays: 0 }).toEqual(clean)
  // Their own keys stay closed until somebody has looked; who could be read has a receipt: failed.
  expect([...lanes].sort()).toEqual(bad.map(({ key }) => key).sort())
  expect(strays).toBe(2)
}, 60_000)

const deadLetters = async (atLeast: number): Promise<readonly ReceivedMessage[]> => {
  const consumer = await fleet.broker.subscribe({
    topics: [deadLetterTopic(subscriptions.worker)],
    subscription: 'inspect',
    type: 'Exclusive',
  })
  const found: ReceivedMessage[] = []
  await eventually('the dead letters are there', async () => {
    found.push(...(await consumer.receive(100, AbortSignal.timeout(1000))))
    return found.length >= atLeast
  })
  await consumer.close()
  return found
}
