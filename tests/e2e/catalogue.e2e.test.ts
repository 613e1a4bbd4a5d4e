import { describe, expect, test } from 'bun:test'
import { reservationBody } from '../support/bodies.ts'
import { type Accepted, accepted, finished, json, send } from '../support/client.ts'
import { onEachBroker } from '../support/on-each-broker.ts'
import { eventually } from '../support/system.ts'
import { wholeSystem } from '../support/whole-system.ts'

onEachBroker((broker) => {
  const system = wholeSystem(broker)

  interface Product {
    readonly id: string
    readonly sku: string
    readonly name: string
    readonly price: number
    readonly stock: { readonly on_hand: number; readonly available: number }
  }
  const list = async (query = '') =>
    (await json<{ items: Product[] }>(`${system.queryUrl}/products${query}`)).items

  const curl = async (text: string): Promise<unknown> => {
    const child = Bun.spawn(['sh', '-c', text], { stdout: 'pipe', stderr: 'ignore' })
    const [out] = await Promise.all([new Response(child.stdout).text(), child.exited])
    return JSON.parse(out)
  }

  const put = async (url: string, body: unknown): Promise<Accepted> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) })
    expect(answer.status).toBe(202)
    return (await answer.json()) as Accepted
  }

  describe('the catalogue', () => {
    test('what the text on CQRS pastes into a shell makes a product and lists it', async () => {
      const made = (await curl(`curl -X POST ${system.commandUrl}/products \\
  -H "Content-Type: application/json" \\
  -d '{ "name": "Mouse ergonomico", "price": 39.90 }'`)) as Accepted
      expect(made.status).toBe('accepted')
      await finished(made)
      await json(`${made.href}?min_version=1`)
      const listed = (await curl(`curl ${system.queryUrl}/products`)) as { items: Product[] }
      expect(listed.items.find(({ id }) => id === made.id)).toMatchObject({
        name: 'Mouse ergonomico',
        price: 39.9,
      })
    })

    test('the demo products cost what the texts add up', async () => {
      const bySku = await eventually('the demo products are listed', async () => {
        const found = new Map((await list()).map((product) => [product.sku, product]))
        return found.has('prod-1') && found.has('prod-2') && found
      })
      expect(bySku.get('prod-1')).toMatchObject({ price: 16.25, currency: 'EUR' })
      expect(bySku.get('prod-2')).toMatchObject({ price: 10, currency: 'EUR' })
      for (const sku of ['prod-1', 'prod-2'])
        expect(bySku.get(sku)!.stock.available).toBeGreaterThan(0)
    })

    test('a product is changed in part, restocked, and read back at once, each by its receipt', async () => {
      const made = await accepted(`${system.commandUrl}/products`, {
        name: 'Teclado',
        price: 20,
        stock: 3,
      })
      const read = async (version: number | null) =>
        json<Product>(`${made.href}?min_version=${version}`)
      expect(await read(1)).toMatchObject({ name: 'Teclado', stock: { on_hand: 3 } })
      const updated = await finished(
        await put(made.href.replace(system.queryUrl, system.commandUrl), { price: 25.5 }),
      )
      expect(updated.events.map(({ type }) => type)).toEqual([
        'aeroalpes.products.ProductUpdated.v1',
      ])
      expect(await read(updated.version)).toMatchObject({ name: 'Teclado', price: 25.5 })
      const stockUrl = `${system.commandUrl}/products/${made.id}/stock`
      const restocked = await finished(await accepted(stockUrl, { delta: 4 }))
      expect(await read(restocked.version)).toMatchObject({ stock: { on_hand: 7, available: 7 } })
      const tooMuch = await finished(await accepted(stockUrl, { delta: -8 }))
      expect(tooMuch.problem?.type).toBe('urn:aeroalpes:problem:insufficient-stock')
    })

    test('of many who want one SKU at once one gets it', async () => {
      const body = { name: 'One of a kind', price: 1, sku: `only-${crypto.randomUUID()}` }
      const asked = await Promise.all(
        Array.from({ length: 20 }, () => accepted(`${system.commandUrl}/products`, body)),
      )
      const ends = await Promise.all(asked.map(finished))
      expect(ends.filter(({ status }) => status === 'completed')).toHaveLength(1)
      expect(new Set(ends.map(({ problem }) => problem?.type))).toEqual(
        new Set([undefined, 'urn:aeroalpes:problem:sku-taken']),
      )
    })

    test('what is searched for is found, the best first', async () => {
      const word = `w${crypto.randomUUID().slice(0, 8)}`
      for (const [name, description] of [
        ['Something else', `like a ${word}`],
        [`A ${word}`, ''],
      ])
        await finished(
          await accepted(`${system.commandUrl}/products`, { name, description, price: 1 }),
        )
      const found = await eventually('both are found', async () => {
        const items = await list(`?q=${word}`)
        return items.length === 2 && items
      })
      expect(found.map(({ name }) => name)).toEqual([`A ${word}`, 'Something else'])
    })
  })

  describe('the seats of a flight', () => {
    test('are taken by an approval, refused when there are none, and given back', async () => {
      const flight_number = `AV${crypto.randomUUID().slice(0, 8)}`
      const [first] = reservationBody.itineraries[0].odos[0].segments[0].legs
      const { origin, destination, departure } = first
      const seats = { economy: 1, premium: 0, business: 0, first: 0 }
      const flight = { flight_number, departure, origin, destination, seats }
      const scheduled = await accepted(`${system.commandUrl}/flights`, flight)
      expect(await finished(scheduled)).toMatchObject({ status: 'completed' })
      const again = await finished(await accepted(`${system.commandUrl}/flights`, flight))
      expect(again.problem?.type).toBe('urn:aeroalpes:problem:flight-exists')

      const leg = { ...first, flight_number }
      const body = { itineraries: [{ odos: [{ segments: [{ legs: [leg] }] }] }] }
      const [one, other] = await Promise.all(
        [1, 2].map(() => accepted(`${system.commandUrl}/reservations`, body)),
      )
      const step = async ({ id }: Accepted, name: string) =>
        finished(await accepted(`${system.commandUrl}/reservations/${id}/${name}`, {}))
      expect(await step(one!, 'approve')).toMatchObject({ status: 'completed' })
      const refused = await step(other!, 'approve')
      expect(refused.problem?.type).toBe('urn:aeroalpes:problem:no-seats')
      const url = `${system.queryUrl}/flights/${flight_number}`
      expect(await json<object>(`${url}?min_version=2`)).toMatchObject({
        taken: { economy: 1 },
        left: { economy: 0 },
      })
      expect(await step(one!, 'cancel')).toMatchObject({ status: 'completed' })
      expect(await step(other!, 'approve')).toMatchObject({ status: 'completed' })
      expect(await json<object>(`${scheduled.href}?min_version=4`)).toMatchObject({
        left: { economy: 0 },
      })
      const answer = await send(`${system.commandUrl}/flights`, {
        ...flight,
        seats: { economy: -1 },
      })
      expect(answer.status).toBe(400)
    })
  })
})
