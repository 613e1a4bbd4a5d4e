import { expect, test } from 'bun:test'
import { definitions, publicUrls, readSettings, required, type SettingName } from './settings.ts'

test('without any variable every setting has its default', () => {
  const { settings, sources } = readSettings({})
  expect(settings).toMatchObject({
    commandPort: 8000,
    queryPort: 8001,
    auth: 'off',
    host: '127.0.0.1',
  })
  expect(settings.databaseUrl).toBeUndefined()
  expect(new Set(Object.values(sources))).toEqual(new Set(['default']))
})

test('the environment wins over what the home keeps, and an empty variable counts as unset', () => {
  const kept = { TICKET_SECRET: 'k'.repeat(40), JWT_SECRET: 'k'.repeat(40) }
  const given = { TICKET_SECRET: 'e'.repeat(40), JWT_SECRET: '' }
  const { settings, sources } = readSettings(given, kept)
  expect(settings.ticketSecret).toBe('e'.repeat(40))
  expect(settings.jwtSecret).toBe('k'.repeat(40))
  expect([sources.ticketSecret, sources.jwtSecret]).toEqual(['environment', 'home'])
})

test.each([
  ['COMMAND_PORT', '65536', 'from 0 to 65535'],
  ['COMMAND_PORT', '-1', 'from 0 to 65535'],
  ['COMMAND_PORT', '80 ', 'from 0 to 65535'],
  ['OPS_PORT', '1e3', 'from 0 to 65535'],
  ['TOPIC_PARTITIONS', '0', 'from 1 to 1024'],
  ['AUTH', 'maybe', 'off or jwt'],
  ['DATABASE_URL', 'mysql://x', 'postgres://'],
  ['PULSAR_URL', 'http://x', 'pulsar://'],
  ['DEMO_DATA', 'perhaps', 'on or off'],
  ['CREDENTIAL_KEY', 'short', '43 characters'],
  ['TICKET_SECRET', 'short', '32 characters'],
])('%s=%s is refused in one line that says what is expected', (variable, value, expected) => {
  const read = () => readSettings({ [variable]: value })
  expect(read).toThrow(variable)
  expect(read).toThrow(expected)
  expect(read).not.toThrow('\n')
})

test('a bad secret is refused without being shown', () => {
  expect(() => readSettings({ TICKET_SECRET: 'hunter2' })).not.toThrow('hunter2')
  expect(() => readSettings({ DATABASE_URL: 'mysql://me:hunter2@x' })).not.toThrow('hunter2')
})

test('several Pulsar hosts are one setting', () => {
  const { settings } = readSettings({ PULSAR_URL: 'pulsar+ssl://a:6651,b:6651' })
  expect(settings.pulsarUrl).toBe('pulsar+ssl://a:6651,b:6651')
})

test('a missing secret is named where it is needed', () => {
  expect(() => required(readSettings({}).settings, 'ticketSecret')).toThrow(
    'TICKET_SECRET is not set',
  )
})

test('links name an address that can be reached, also when listening on all of them', () => {
  expect(publicUrls(readSettings({ HOST: '0.0.0.0' }).settings).command).toBe(
    'http://127.0.0.1:8000',
  )
  expect(publicUrls(readSettings({ HOST: '::1' }).settings).query).toBe('http://[::1]:8001')
  const { settings } = readSettings({ QUERY_URL: 'https://read.example' })
  expect(publicUrls(settings).query).toBe('https://read.example')
})

test('every setting has a meaning, and whatever may hold a password is secret', () => {
  for (const name of Object.keys(definitions) as SettingName[]) {
    expect(definitions[name].meaning.length).toBeGreaterThan(10)
    if (/SECRET|KEY$|TOKEN$|DATABASE_URL|SMTP/.test(definitions[name].variable)) {
      expect(definitions[name].secret).toBe(true)
    }
  }
})
