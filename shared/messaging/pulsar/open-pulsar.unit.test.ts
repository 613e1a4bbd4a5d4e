import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '../../runtime/settings.ts'
import { adminOf, openPulsar } from './open-pulsar.ts'

const folder = mkdtempSync(join(tmpdir(), 'aero-token-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const settings = (environment: Record<string, string>) => readSettings(environment).settings

/** An admin interface that notes which token each call showed. */
const listen = () => {
  const shown: (string | null)[] = []
  const server = Bun.serve({
    port: 0,
    fetch(request) {
      shown.push(request.headers.get('authorization'))
      return Response.json([])
    },
  })
  return { shown, url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) }
}

test('a token in a file is read again when it has changed, and kept while it is being replaced', async () => {
  const file = join(folder, 'token')
  writeFileSync(file, 'first\n')
  const { shown, url, stop } = listen()
  const admin = adminOf(
    settings({ PULSAR_URL: 'pulsar://nowhere', PULSAR_ADMIN_URL: url, PULSAR_TOKEN_FILE: file }),
  )
  await admin.tenants.list()
  writeFileSync(file, 'second\n')
  await admin.tenants.list()
  rmSync(file)
  await admin.tenants.list()
  expect(shown).toEqual(['Bearer first', 'Bearer second', 'Bearer second'])
  await stop()
})

test('files that cannot be read, and a missing address, stop the start and name the variable', async () => {
  const url = 'pulsar://nowhere'
  const missing = join(folder, 'missing')
  for (const variable of ['PULSAR_TOKEN_FILE', 'PULSAR_TLS_CA'])
    await expect(openPulsar(settings({ PULSAR_URL: url, [variable]: missing }))).rejects.toThrow(
      variable,
    )
  await expect(openPulsar(settings({}))).rejects.toThrow('PULSAR_URL is not set')
})
