import { afterAll, describe, expect, setSystemTime, test } from 'bun:test'
import { closeWatchers, edgeWithoutRows, locationOf } from '../../tests/support/receipt-edge.ts'
import { aReceipt, completed } from '../../tests/support/receipts.ts'
import { derivedId } from '../kernel/ids.ts'
import { until } from '../../tests/support/until.ts'

afterAll(closeWatchers)

const elsewhere = 'http://query.example'
/** Sent long after the process began to listen. */
const later = () => aReceipt({ submitted_at: new Date(Date.now() + 60_000).toISOString() })
const earlier = () => aReceipt({ submitted_at: new Date(Date.now() - 60_000).toISOString() })

describe('where no rows are read, a receipt', () => {
  test('is the outcome once it was heard', async () => {
    const { app, broker } = await edgeWithoutRows({ elsewhere })
    const receipt = completed(earlier())
    broker.tell(receipt)
    await broker.read()
    const answer = await app.request(locationOf(receipt))
    expect(await answer.json()).toMatchObject({ status: 'completed', id: receipt.id })
  })

  test('is accepted, by its ticket, when its outcome would have been heard', async () => {
    const { app } = await edgeWithoutRows({ elsewhere })
    const answer = await app.request(locationOf(later()))
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ status: 'accepted' })
  })

  test('is asked for elsewhere, with all that was said, when its outcome may have been missed', async () => {
    const { app } = await edgeWithoutRows({ elsewhere: `${elsewhere}/` })
    const location = `${locationOf(earlier())}&wait=5`
    const answer = await app.request(location)
    expect(answer.status).toBe(307)
    expect(answer.headers.get('location')).toBe(`${elsewhere}${location}`)
  })

  test('is asked for elsewhere after listening was interrupted', async () => {
    const { app, broker } = await edgeWithoutRows({ elsewhere })
    const sent = later()
    expect((await app.request(locationOf(sent))).status).toBe(200)
    broker.goAway()
    setSystemTime(Date.now() + 120_000)
    broker.comeBack()
    await broker.listening(2)
    await until(async () => (await app.request(locationOf(sent))).status === 307)
    setSystemTime()
  })

  test('is streamed no longer once its outcome may have been missed, so that it is asked for elsewhere', async () => {
    const { app, broker } = await edgeWithoutRows({ elsewhere, heartbeatMs: 20 })
    const sent = later()
    const answer = await app.request(locationOf(sent), { headers: { accept: 'text/event-stream' } })
    expect(answer.status).toBe(200)
    const streamed = answer.text()
    broker.goAway()
    setSystemTime(Date.now() + 120_000)
    broker.comeBack()
    await broker.listening(2)
    expect(await streamed).toContain('"status":"accepted"')
    expect((await app.request(locationOf(sent))).status).toBe(307)
    setSystemTime()
  })

  test('of a keyed command is asked for elsewhere, since its ticket may be that of a repeat', async () => {
    const { app, broker } = await edgeWithoutRows({ elsewhere })
    const repeated = { ...later(), command_id: derivedId('a key', 'command') }
    expect((await app.request(locationOf(repeated))).status).toBe(307)
    broker.tell(completed(repeated))
    await broker.read()
    const answer = await app.request(locationOf(repeated))
    expect(await answer.json()).toMatchObject({ status: 'completed' })
  })

  test('is what its ticket says where nobody else is known, or the address is this very one', async () => {
    for (const known of [undefined, 'http://localhost']) {
      const { app } = await edgeWithoutRows({ elsewhere: known })
      const answer = await app.request(`http://localhost${locationOf(earlier())}`)
      expect(await answer.json()).toMatchObject({ status: 'accepted' })
      expect((await app.request('http://localhost/commands/unknown')).status).toBe(404)
    }
  })

  test('is asked for elsewhere when so many others have finished that it is forgotten', async () => {
    const { app, broker } = await edgeWithoutRows({ elsewhere })
    const first = completed(later())
    broker.tell(first, new Date(Date.now() + 120_000))
    expect((await app.request(locationOf(first))).status).toBe(200)
    for (let n = 0; n < 10_000; n++) broker.deliver({ key: `k${n}`, payload: new Uint8Array() })
    await broker.read()
    expect((await app.request(locationOf(first))).status).toBe(307)
    expect((await app.request(locationOf(later()))).status).toBe(307)
  })
})
