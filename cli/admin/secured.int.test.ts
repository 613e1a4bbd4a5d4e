import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adminCommand } from '../../tests/support/admin-command.ts'
import { beforePulsar, needsOwnPulsar } from '../../tests/support/needs-pulsar.ts'
import { type SecuredPulsar, securedPulsar } from '../../tests/support/pulsar.ts'
import { ownNamespace } from '../../tests/support/pulsar.ts'

needsOwnPulsar('the admin command line on a secured Pulsar', () => {
  let pulsar: SecuredPulsar

  beforePulsar(async () => {
    pulsar = await securedPulsar()
  }, true)

  const plain = (settings: Readonly<Record<string, string>>) =>
    adminCommand({ PULSAR_ADMIN_URL: pulsar.plainAdminUrl, ...settings })

  test('with token and certificate authority from files it does what the role may', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aero-secured-'))
    const at = (name: string) => join(folder, name)
    writeFileSync(at('token'), `${pulsar.adminToken}\n`)
    writeFileSync(at('ca.pem'), pulsar.authority)
    const run = adminCommand({
      PULSAR_ADMIN_URL: pulsar.adminUrl,
      PULSAR_TOKEN_FILE: at('token'),
      PULSAR_TLS_CA: at('ca.pem'),
    })
    expect(await run('tenants', 'list')).toMatchObject({
      code: 0,
      out: expect.stringContaining('public'),
    })
    rmSync(folder, { recursive: true })
  })

  test('what a role may not do is exit code 1, with the role and the right that it lacks', async () => {
    const topic = `persistent://public/${ownNamespace()}/t`
    const namespace = topic.split('/').slice(2, 4).join('/')
    const boss = plain({ PULSAR_TOKEN: pulsar.adminToken })
    expect((await boss('namespaces', 'create', namespace, '--yes')).code).toBe(0)
    expect((await boss('topics', 'create', topic, '--yes')).code).toBe(0)
    const worker = plain({ PULSAR_TOKEN: pulsar.token('worker') })
    const { code, error } = await worker('topics', 'stats', topic)
    expect(code).toBe(1)
    expect(error).toContain('for the role worker')
    expect(error).toMatch(/GET_STATS|getStats|Unauthorized/)
    const grant = ['grant-permission', '--role', 'worker', '--actions', 'consume', namespace]
    expect((await boss('namespaces', ...grant, '--yes')).code).toBe(0)
    expect((await worker('topics', 'stats', topic)).code).toBe(0)
  })

  test('without a token it says which setting is missing', async () => {
    const { code, error } = await plain({})('tenants', 'list')
    expect({ code, error }).toMatchObject({
      code: 1,
      error: expect.stringContaining('PULSAR_TOKEN is not set'),
    })
  })
})
