import { expect, test } from 'bun:test'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterPulsar, beforePulsar, needsPulsar } from '../tests/support/needs-pulsar.ts'
import { deleteTenant, ownTenant } from '../tests/support/own-tenant.ts'
import { type TestPulsar, testPulsar } from '../tests/support/pulsar.ts'
import { type PulsarAdmin, pulsarAdmin } from '../shared/pulsar/admin/admin.ts'
import { checkout } from '../shared/runtime/home.ts'
import { schemaOf } from '../shared/schemas/topic-schema.ts'

interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
}

const aero = async (words: string, env: Readonly<Record<string, string>>): Promise<Answer> => {
  const child = Bun.spawn([process.execPath, 'main.ts', ...words.split(' ')], {
    cwd: checkout,
    env: { PATH: process.env.PATH, AERO_HOME: join(tmpdir(), 'aero-topology-commands'), ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { code, out: out.trim(), err: err.trim() }
}

test('without a Pulsar there is nothing to plan, and no schema to check', async () => {
  const plan = await aero('topology plan', {})
  expect(plan).toMatchObject({ code: 0, out: expect.stringContaining('the embedded broker') })
  expect(await aero('topology apply --output json', {})).toMatchObject({ code: 0, out: '[]' })
  const check = await aero('schema check', {})
  expect(check).toMatchObject({ code: 2, err: expect.stringContaining('PULSAR_URL is not set') })
})

needsPulsar('the topology on the command line', () => {
  const tenant = ownTenant()
  let pulsar: TestPulsar
  let admin: PulsarAdmin
  const here = (words: string, env: Readonly<Record<string, string>> = {}) =>
    aero(words, {
      PULSAR_URL: pulsar.url,
      PULSAR_ADMIN_URL: pulsar.adminUrl,
      PULSAR_TENANT: tenant,
      TOPIC_PARTITIONS: '2',
      ...env,
    })
  const differences = async () => JSON.parse((await here('topology plan --output json')).out)

  beforePulsar(async () => {
    pulsar = await testPulsar()
    admin = pulsarAdmin({ url: pulsar.adminUrl })
  })
  afterPulsar(() => deleteTenant(admin, tenant))

  test('a plan shows what is missing and changes nothing', async () => {
    expect((await differences())[0]).toEqual({
      kind: 'tenant',
      on: tenant,
      is: 'missing',
      wanted: 'there',
      apply: 'changes it',
    })
    expect(await admin.tenants.list()).not.toContain(tenant)
  })

  test('to apply it asks, and does not where nobody can answer', async () => {
    const apply = await here('topology apply')
    expect(apply.code).toBe(2)
    expect(apply.err).toContain('add --yes')
    expect(apply.out).toContain('events/outcomes')
    const dry = await here('topology apply --dry-run')
    expect(dry.code).toBe(0)
    expect(dry.out).toContain('events/outcomes')
    expect(await admin.tenants.list()).not.toContain(tenant)
  })

  test('roles do not start on a topology that is not there, and say in one line what makes it', async () => {
    const run = await here('run command-api', { LOG_LEVEL: 'fatal', ...secrets })
    expect(run.code).toBe(4)
    expect(run.err.split('\n')).toHaveLength(1)
    expect(run.err).toContain(`persistent://${tenant}/commands/inventory (missing`)
    expect(run.err).toContain('./aero topology apply mends it')
  })

  test('with --yes it is applied, and nothing differs then', async () => {
    const apply = await here('topology apply --yes')
    expect(apply).toMatchObject({
      code: 0,
      out: expect.stringMatching(/done: changed \d+ differences$/),
    })
    expect(await here('topology plan')).toMatchObject({ code: 0, out: 'no difference' })
    expect(await differences()).toEqual([])
  })

  test('fewer partitions than there are is refused, by the command and by roles', async () => {
    const fewer = { TOPIC_PARTITIONS: '1' }
    const apply = await here('topology apply --yes', fewer)
    expect(apply.code).toBe(4)
    expect(apply.err).toContain('nothing was changed')
    expect(apply.err).toContain('set TOPIC_PARTITIONS=2')
    const run = await here('run command-api', { LOG_LEVEL: 'fatal', ...secrets, ...fewer })
    expect(run).toMatchObject({ code: 4, err: expect.stringContaining('set TOPIC_PARTITIONS=2') })
  })

  test('contracts that are registered pass the check', async () => {
    const { code, out } = await here('schema check --output json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toContainEqual({
      topic: `persistent://${tenant}/events/users`,
      version: 0,
      result: 'same',
      contract: '',
      field: '',
      rule: '',
      detail: '',
    })
  })

  test('a contract that has lost a field does not, and is named with the field and the rule', async () => {
    const topic = `persistent://${tenant}/events/users`
    const schema = JSON.parse(schemaOf('persistent://aeroalpes/events/users')!.definition)
    const field = { name: 'nickname', type: ['null', 'string'], default: null }
    schema.fields.push({ name: 'nickname', type: ['null', 'string'] })
    schema.contracts[0].fields.push(field)
    await admin.schemas.delete(topic, { force: true })
    await admin.schemas.upload(topic, { type: 'JSON', schema: JSON.stringify(schema) })
    const { code, out, err } = await here('schema check --output json')
    expect(code).toBe(1)
    expect(err).toContain('aeroalpes.users.UserRegistered.v1 nickname: field removed')
    const broken = JSON.parse(out).filter((row: { result: string }) => row.result !== 'same')
    expect(broken).toEqual([
      expect.objectContaining({
        topic,
        result: 'incompatible',
        contract: 'aeroalpes.users.UserRegistered.v1',
        field: 'nickname',
        rule: 'field-removed',
      }),
    ])
    expect(await here('topology apply --yes')).toMatchObject({ code: 4 })
  })

  test('a Pulsar that is away is named', async () => {
    const away = await here('topology plan', { PULSAR_ADMIN_URL: 'http://127.0.0.1:1' })
    expect(away).toMatchObject({ code: 1, err: expect.stringContaining('http://127.0.0.1:1') })
  })
})

const secrets = {
  TICKET_SECRET: 'a ticket secret for these tests alone',
  CREDENTIAL_KEY: Buffer.alloc(32, 7).toString('base64url'),
}
