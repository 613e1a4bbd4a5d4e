import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { checkout } from '../../shared/runtime/home.ts'
import { pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { beforePulsar, needsPulsar } from '../support/needs-pulsar.ts'
import { newNamespace } from '../support/pulsar-admin.ts'
import { testPulsar } from '../support/pulsar.ts'

const children = new Set<Bun.Subprocess>()
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

const program = [process.execPath, join(checkout, 'main.ts')]

/** As a program calls it: no terminal anywhere. */
async function aero(words: string, environment: Record<string, string> = {}) {
  const child = Bun.spawn([...program, ...words.split(' ')], {
    env: { ...process.env, FORCE_COLOR: '', ...environment },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  children.add(child)
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { out, err, code }
}

/** As a person calls it, who answers the question with `answer`. */
async function atTerminal(words: string, answer: string, environment: Record<string, string>) {
  let seen = ''
  let answered = false
  const child = Bun.spawn([...program, ...words.split(' ')], {
    env: { ...process.env, ...environment },
    terminal: {
      data(terminal, bytes) {
        seen += new TextDecoder().decode(bytes)
        if (answered || !seen.includes('[y/N]')) return
        answered = true
        terminal.write(answer)
      },
    },
  })
  children.add(child)
  return { code: await child.exited, seen }
}

needsPulsar('./aero topics and its neighbours', () => {
  let environment: { PULSAR_ADMIN_URL: string; PULSAR_URL: string }
  let namespace: string

  beforePulsar(async () => {
    const { adminUrl } = await testPulsar()
    environment = { PULSAR_ADMIN_URL: adminUrl, PULSAR_URL: '' }
    namespace = await newNamespace(pulsarAdmin({ url: adminUrl }))
  })

  test('answers programs in JSON and YAML, without colours, with the exit codes of the contract', async () => {
    const create = `topics create-partitioned-topic -p 2 ${namespace}/many`
    expect(await aero(create, environment)).toMatchObject({ code: 2, out: '' })
    expect(await aero(`${create} --yes`, environment)).toMatchObject({ code: 0, err: '' })
    expect(await aero(`${create} --yes`, environment)).toMatchObject({ code: 4, out: '' })
    const list = `topics list-partitioned-topics ${namespace} --output`
    const topics = [`persistent://${namespace}/many`]
    expect(JSON.parse((await aero(`${list} json`, environment)).out)).toEqual(topics)
    expect(Bun.YAML.parse((await aero(`${list} yaml`, environment)).out)).toEqual(topics)
    const { out } = await aero(`topics partitioned-stats ${namespace}/many`, environment)
    expect(out).toContain('storage bytes')
    expect(out).not.toContain('\u001b')
    expect(await aero(`topics stats ${namespace}/none`, environment)).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining(`${namespace}/none`),
    })
  })

  test('the version of a schema is not mistaken for the version of the program', async () => {
    const { code, out } = await aero(`schemas get --version 0 ${namespace}/none`, environment)
    expect({ code, out }).toEqual({ code: 3, out: '' })
  })

  test('asks a person before it changes anything', async () => {
    const create = `topics create ${namespace}/asked`
    const no = await atTerminal(create, 'n\r', environment)
    expect(no).toMatchObject({ code: 1, seen: expect.stringContaining('nothing was changed') })
    expect(await aero(`topics stats ${namespace}/asked`, environment)).toMatchObject({ code: 3 })
    const yes = await atTerminal(create, 'y\r', environment)
    expect(yes.seen).toContain(`create topic persistent://${namespace}/asked? [y/N]`)
    expect(yes.code).toBe(0)
    expect(await aero(`topics stats ${namespace}/asked`, environment)).toMatchObject({ code: 0 })
  })

  test('Ctrl-C at the question changes nothing', async () => {
    const { code } = await atTerminal(`topics create ${namespace}/never`, '\u0003', environment)
    expect(code).not.toBe(0)
    expect(await aero(`topics stats ${namespace}/never`, environment)).toMatchObject({ code: 3 })
  })
})

test('without PULSAR_ADMIN_URL it is derived from PULSAR_URL, and named when nobody answers', async () => {
  const plain = { PULSAR_ADMIN_URL: '', PULSAR_URL: 'pulsar://127.0.0.254:6650' }
  expect(await aero('tenants list', plain)).toMatchObject({
    code: 1,
    err: expect.stringContaining('http://127.0.0.254:8080'),
  })
  const secure = { PULSAR_ADMIN_URL: '', PULSAR_URL: 'pulsar+ssl://127.0.0.254' }
  expect((await aero('tenants list', secure)).err).toContain('https://127.0.0.254:8443')
})

test('./aero --help lists the groups, and each group its commands', async () => {
  const { out, code } = await aero('--help')
  expect(code).toBe(0)
  for (const group of ['tenants', 'namespaces', 'topics', 'subscriptions', 'schemas', 'brokers'])
    expect(out).toContain(`  ${group} `)
  expect((await aero('tokens --help')).out).toContain('create-key-pair')
})
