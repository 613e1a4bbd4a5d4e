import { afterAll, expect, test } from 'bun:test'
import { pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { reservationBody } from '../support/bodies.ts'
import { accepted, finished, json } from '../support/client.ts'
import {
  type ComposeProcess,
  endComposeProcesses,
  freePort,
  type Places,
  startService,
} from '../support/compose-processes.ts'
import { composeFile, type ComposeService } from '../support/compose.ts'
import { type ScratchImage, scratchImage } from '../support/image.ts'
import { beforePulsar, needsPulsar } from '../support/needs-pulsar.ts'
import { deleteTenant, ownTenant } from '../support/own-tenant.ts'
import { testDatabase, type TestDatabase } from '../support/postgres.ts'
import { testPulsar, type TestPulsar } from '../support/pulsar.ts'
import { until } from '../support/until.ts'

needsPulsar('docker compose up, without its containers', () => {
  const tenant = ownTenant()
  const compose = composeFile({ PULSAR_TENANT: tenant, TOPIC_PARTITIONS: '2', LOG_LEVEL: 'warn' })
  const inProfile = ({ profiles }: ComposeService) => profiles?.includes('standalone') ?? true
  const own = Object.entries(compose.services).filter(
    ([, service]) => service.build !== undefined && inProfile(service),
  )
  const isRole = ([, { command }]: readonly [string, ComposeService]) => command?.[0] === 'run'
  const running: ComposeProcess[] = []
  let image: ScratchImage
  let pulsar: TestPulsar
  let database: TestDatabase
  let ports: { command: number; query: number; tutorial: number }
  let places: Places

  beforePulsar(async () => {
    pulsar = await testPulsar()
    database = await testDatabase([])
    image = await scratchImage()
    ports = { command: await freePort(), query: await freePort(), tutorial: await freePort() }
    places = [
      ['postgres://aeroalpes:aeroalpes@postgres:5432/aeroalpes', database.url],
      ['pulsar://pulsar:6650', pulsar.url],
      ['http://pulsar:8080', pulsar.adminUrl],
      ['command-api:8000', `127.0.0.1:${ports.command}`],
      ['query-api:8001', `127.0.0.1:${ports.query}`],
      ['127.0.0.1:8000', `127.0.0.1:${ports.command}`],
      ['127.0.0.1:8001', `127.0.0.1:${ports.query}`],
    ]
  })

  afterAll(async () => {
    endComposeProcesses()
    image?.remove()
    await database?.drop()
    if (pulsar) await deleteTenant(pulsarAdmin({ url: pulsar.adminUrl }), tenant)
  })

  const begin = async (service: readonly [string, ComposeService]) =>
    startService(image, service, places, {
      COMMAND_PORT: ports.command,
      QUERY_PORT: ports.query,
      TUTORIAL_PORT: ports.tutorial,
      OPS_PORT: await freePort(),
    })
  const isHealthy = async ({ opsPort }: ComposeProcess) => {
    const [, ...check] = compose.services['relay']!.healthcheck!.test
    const child = Bun.spawn([process.execPath, ...check.slice(1)], {
      cwd: image.at(image.workdir),
      env: { OPS_PORT: String(opsPort) },
    })
    return (await child.exited) === 0
  }

  test('what runs once before the roles ends well, and a second time too', async () => {
    for (const name of ['secrets', 'migrate', 'topology', 'topology', 'secrets', 'migrate']) {
      const process = await begin([name, compose.services[name]!])
      const code = await process.exited
      expect({ name, code, output: code === 0 ? '' : process.output() }).toEqual({
        name,
        code: 0,
        output: '',
      })
    }
  }, 60_000)

  test('every role becomes healthy', async () => {
    for (const service of own.filter(isRole)) running.push(await begin(service))
    for (const role of running) {
      const healthy = until(() => isHealthy(role), 30_000)
      const ended = role.exited.then((code) => {
        throw new Error(`${role.name} ended with ${code}: ${role.output()}`)
      })
      expect(await Promise.race([healthy, ended])).toBe(true)
    }
  }, 60_000)

  test('together they carry out a command, also one that came by the routes of the tutorial', async () => {
    const made = await accepted(`http://127.0.0.1:${ports.command}/reservations`, reservationBody)
    expect(await finished(made)).toMatchObject({ status: 'completed' })
    expect(made.href).toStartWith(`http://127.0.0.1:${ports.query}/`)
    expect(await json<{ status: string }>(`${made.href}?min_version=1`)).toMatchObject({
      status: 'PENDING',
    })
    const route = `http://127.0.0.1:${ports.tutorial}/vuelos/reserva-query/${made.id}`
    expect((await fetch(route)).status).toBe(200)
  }, 60_000)

  test('they drain when they are asked to stop', async () => {
    const codes = await Promise.all(running.map(async ({ name, stop }) => [name, await stop()]))
    expect(Object.fromEntries(codes)).toEqual(
      Object.fromEntries(running.map(({ name }) => [name, 0])),
    )
  }, 60_000)
})
