import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adminCommand } from '../../tests/support/admin-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'aero-tokens-'))
const at = (name: string) => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true }))

// Key and token as `pulsar tokens` of 4.2.4 made them.
const key = Buffer.from('85e88f2225aa62a928a8f5e18edceeb8a67f05eff998e57f64ff8b2778e23321', 'hex')
const theirs =
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.hq3VprEvfIDGTHIkWKixmDTeEOMGOinabz5mmrPL5EE'
writeFileSync(at('secret.key'), key)

const run = adminCommand({})
const json = async (...words: string[]) =>
  JSON.parse((await run('tokens', ...words, '--output', 'json')).out) as {
    header: object
    payload: object
  }

describe('a token', () => {
  test('that Pulsar made holds with its key, however the key is named, and not with another', async () => {
    for (const named of [at('secret.key'), `file://${at('secret.key')}`, key.toString('base64')]) {
      expect((await run('tokens', 'validate', theirs, '-sk', named)).code).toBe(0)
    }
    const data = `data:;base64,${key.toString('base64')}`
    expect((await run('tokens', 'validate', theirs, '--secret-key', data)).code).toBe(0)
    const other = Buffer.alloc(32, 7).toString('base64')
    const { code, error } = await run('tokens', 'validate', theirs, '--secret-key', other)
    expect({ code, error }).toMatchObject({
      code: 1,
      error: expect.stringContaining('another key'),
    })
  })

  test('speaks for its subject until it expires', async () => {
    const { out } = await run(
      'tokens',
      'create',
      '-s',
      'worker',
      '-sk',
      at('secret.key'),
      '-e',
      '10m',
    )
    expect(out).not.toContain('\n')
    const seconds = Date.UTC(2026, 0, 1) / 1000 + 600
    expect(await json('show', out)).toMatchObject({ payload: { sub: 'worker', exp: seconds } })
    expect((await run('tokens', 'show', out)).out).toContain('2026-01-01T00:10:00.000Z')
    // That was long ago.
    expect(await run('tokens', 'validate', out, '-sk', at('secret.key'))).toMatchObject({ code: 1 })
  })

  test('of a key pair holds with the public key, and the pair is never written over', async () => {
    const pair = ['--output-private-key', at('a.key'), '--output-public-key', at('a.pub')]
    expect((await run('tokens', 'create-key-pair', ...pair)).code).toBe(0)
    expect(statSync(at('a.key')).mode & 0o777).toBe(0o600)
    const before = readFileSync(at('a.key'))
    expect((await run('tokens', 'create-key-pair', ...pair)).code).toBe(4)
    expect(readFileSync(at('a.key'))).toEqual(before)
    const { out } = await run('tokens', 'create', '-s', 'worker', '-pk', at('a.key'))
    expect((await run('tokens', 'validate', out, '-pk', at('a.pub'))).code).toBe(0)
    expect(await json('show', out)).toMatchObject({
      header: { alg: 'RS256' },
      payload: { sub: 'worker' },
    })
  })

  test('is read from the command line, a file, the standard input, or the setting', async () => {
    writeFileSync(at('token'), `${theirs}\n`)
    const shown = { payload: { sub: 'admin' } }
    expect(await json('show', theirs)).toMatchObject(shown)
    expect(await json('show', '-f', at('token'))).toMatchObject(shown)
    const piped = adminCommand({}, undefined, `${theirs}\n`)
    expect((await piped('tokens', 'show', '--stdin')).out).toContain('admin')
    const set = adminCommand({ PULSAR_TOKEN: theirs })
    expect((await set('tokens', 'show')).out).toContain('admin')
    expect((await run('tokens', 'show')).code).toBe(2)
  })
})

test('a new secret key is as long as the algorithm needs, and is never written over', async () => {
  const { out } = await run('tokens', 'create-secret-key')
  expect(Buffer.from(out, 'base64')).toHaveLength(32)
  expect((await run('tokens', 'create-secret-key', '-o', at('new.key'))).code).toBe(0)
  expect(statSync(at('new.key'))).toMatchObject({ size: 32 })
  expect((await run('tokens', 'create-secret-key', '-o', at('new.key'))).code).toBe(4)
})

test.each([
  ['no key', ['create', '-s', 'x']],
  ['two keys', ['create', '-s', 'x', '-sk', at('secret.key'), '-pk', at('secret.key')]],
  ['a key that is not there', ['create', '-s', 'x', '-sk', at('none')]],
  ['a key that is too short', ['create', '-s', 'x', '-sk', `data:;base64,${btoa('short')}`]],
  ['a secret where a private key belongs', ['create', '-s', 'x', '-pk', at('secret.key')]],
  ['no role', ['create', '-sk', at('secret.key')]],
  ['a token that is none', ['show', 'abc']],
])('%s is a mistake of usage, which shows no key', async (_, words) => {
  const { code, error, out } = await run('tokens', ...words)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(error).not.toContain(key.toString('base64'))
})
