import { expect, test } from 'bun:test'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { subscriptions } from '../../shared/contracts/topology.ts'
import { Client } from '../../shared/pulsar/client.ts'
import { reservationBody } from '../support/bodies.ts'
import { afterPython, beforePython, needsPython } from '../support/needs-python.ts'
import { python } from '../support/python.ts'
import { type TestPulsar, testPulsar } from '../support/pulsar.ts'
import { eventually, type RunningProcess, start, temporaryHome } from '../support/system.ts'

interface Heard {
  readonly data: Readonly<Record<string, unknown>>
  readonly properties: Readonly<Record<string, string>>
}

needsPython("the tutorial's neighbours, unchanged, beside the system on Pulsar", () => {
  const home = temporaryHome()
  const tenant = `t-${randomUUID().slice(0, 8)}`
  const services: Bun.Subprocess[] = []
  let pulsar: TestPulsar
  let system: RunningProcess

  beforePython(async () => {
    pulsar = await testPulsar()
    const { url, adminUrl } = pulsar
    system = await start(['up'], {
      home: home.folder,
      env: {
        PULSAR_URL: url,
        PULSAR_ADMIN_URL: adminUrl,
        PULSAR_TENANT: tenant,
        TOPIC_PARTITIONS: '2',
      },
      until: ['commandUrl', 'queryUrl'],
    })
  })
  afterPython(async () => {
    for (const service of services) service.kill('SIGKILL')
    await system.stop()
    home.remove()
  })

  const run = async (service: string, ...words: readonly string[]) => {
    const script = join(import.meta.dirname, '../support/tutorial-neighbours.py')
    const command = [await python(), script, service, pulsar.url, ...words]
    const child = Bun.spawn(command, { stdout: 'pipe' })
    services.push(child)
    return child
  }

  /** Starts a service under a name of its own and waits until it listens. */
  const listening = async (service: string, ...words: readonly string[]) => {
    const child = await run(service, `${service}-${randomUUID()}`, ...words)
    const heard: Heard[] = []
    let ready = false
    const read = async () => {
      for await (const line of linesOf(child.stdout)) {
        if (ready) heard.push(JSON.parse(line))
        ready = true
      }
    }
    void read()
    await eventually(`${service} listens`, async () => ready)
    return (id: string) =>
      eventually(`${service} hears of ${id}`, async () =>
        heard.find(({ data }) => data['id_reserva'] === id),
      )
  }

  const create = async (): Promise<string> => {
    const answer = await fetch(`${system.commandUrl}/reservations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...reservationBody, client_id: 'luz' }),
    })
    expect(answer.status).toBe(202)
    return ((await answer.json()) as { id: string }).id
  }

  test('its notifications service prints the reservation created through our API', async () => {
    const heard = await listening('notificaciones')
    const before = Date.now()
    const id = await create()
    const { data, properties } = await heard(id)
    expect(data).toMatchObject({ id_reserva: id, id_cliente: 'luz', estado: 'PENDIENTE' })
    expect(Number(data['fecha_creacion'])).toBeWithin(before - 1000, Date.now() + 1000)
    expect(properties).toMatchObject({ service_name: 'aeroalpes', datacontenttype: 'AVRO' })
  }, 60_000)

  test('its BFF reads the same with the schema that it finds in the registry', async () => {
    await create()
    const heard = await listening('bff', pulsar.adminUrl)
    const id = await create()
    expect(await heard(id)).toMatchObject({ data: { id_reserva: id, estado: 'PENDIENTE' } })
  }, 60_000)

  test('a ComandoCrearReserva makes one reservation of its user', async () => {
    const user = randomUUID()
    await (
      await run('comando', user)
    ).exited
    const found = await eventually('the reservation is there', async () => {
      const answer = await fetch(`${system.queryUrl}/reservations?client_id=${user}`)
      const { items } = (await answer.json()) as { items: { status: string; route: unknown }[] }
      return items.length > 0 && items
    })
    expect(found).toMatchObject([{ status: 'PENDING', route: null, trip_type: null }])
  }, 60_000)

  test('what is no command goes to the dead letters, and the next one is carried', async () => {
    await using client = new Client({ serviceUrl: pulsar.url })
    const consumer = await client.subscribe({
      topic: `persistent://${tenant}/dead-letters/${subscriptions.bridge}`,
      subscription: 'test',
      subscriptionInitialPosition: 'Earliest',
    })
    const producer = await client.createProducer({
      topic: 'persistent://public/default/comandos-reserva',
    })
    await producer.send({ data: new Uint8Array([2, 2, 0xff, 1, 2, 3]) })
    const letter = await consumer.receive(20_000)
    expect(letter.getData()).toEqual(new Uint8Array([2, 2, 0xff, 1, 2, 3]))
    expect(letter.getProperties()).toMatchObject({
      ce_errorslug: 'unreadable-message',
      REAL_SUBSCRIPTION: 'aeroalpes-sub-comandos',
    })
    const user = randomUUID()
    await (
      await run('comando', user)
    ).exited
    await eventually('the next one is carried', async () => {
      const answer = await fetch(`${system.queryUrl}/reservations?client_id=${user}`)
      return ((await answer.json()) as { items: unknown[] }).items.length === 1
    })
  }, 60_000)
})

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = ''
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
