import { expect, test } from 'bun:test'
import { adminCommand } from '../../tests/support/admin-command.ts'

test.each([
  ['topics stats a/b', 'persistent://tenant/namespace/topic'],
  ['topics skip -n -1 -s s a/b/t', '-n, --count'],
  ['topics skip -n 1 a/b/t', '-s, --subscription'],
  ['topics peek-messages -n 0 -s s a/b/t', 'from 1 to 1000'],
  ['topics reset-cursor -s s a/b/t', 'one of --time and --messageId'],
  ['topics reset-cursor -s s -t 1h -m latest a/b/t', 'one of --time and --messageId'],
  ['topics stats --output xml a/b/t', 'table, json, yaml'],
  ['topics nonsense', 'nonsense'],
  ['topics list --dry-run a/b', '--dry-run'],
  ['namespaces set-message-ttl -ttl -5 a/b', '10m'],
  ['namespaces set-deduplication a/b', 'one of --enable and --disable'],
  ['namespaces set-retention -s 1000 -t 1h a/b', 'less than 1M'],
])('%s is exit code 2 and asks nobody', async (text, said) => {
  const [group, ...words] = text.split(' ')
  const run = adminCommand({ PULSAR_ADMIN_URL: 'http://127.0.0.1:1' })
  const { code, error } = await run(group as Parameters<typeof run>[0], ...words)
  expect({ code, error }).toMatchObject({ code: 2, error: expect.stringContaining(said) })
})

test('a broker that is away is exit code 1, with its address and the setting that says it', async () => {
  const run = adminCommand({ PULSAR_ADMIN_URL: 'http://127.0.0.1:1' })
  const { code, error } = await run('tenants', 'list')
  expect(code).toBe(1)
  expect(error).toContain('no answer from http://127.0.0.1:1')
  expect(error).toContain('PULSAR_ADMIN_URL')
  expect(await run('brokers', 'healthcheck')).toMatchObject({ code: 1, out: '' })
})
