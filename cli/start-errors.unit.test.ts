import { expect, test } from 'bun:test'
import { Transient } from '../shared/kernel/fates.ts'
import { readSettings } from '../shared/runtime/settings.ts'
import { requireDatabases } from './databases.ts'
import { explained } from './start-errors.ts'

const settingsOf = (environment: Readonly<Record<string, string>>) =>
  readSettings(environment).settings
const nowhere = 'postgres://user:secret@127.0.0.1:1/x'

test('a database that cannot be opened is named by its setting, without its password', async () => {
  for (const variable of ['DATABASE_URL', 'READ_DATABASE_URL']) {
    const refusal = requireDatabases(settingsOf({ [variable]: nowhere }))
    await expect(refusal).rejects.toThrow(`cannot open the database of ${variable} (`)
    await expect(refusal).rejects.not.toThrow('secret')
  }
})

test('what a database lacks is explained by the migrations it has not seen', () => {
  const error = Object.assign(new Error('schema "broker" does not exist'), { code: '3F000' })
  expect(explained(error)).toMatchObject({
    code: 4,
    message: 'the database is not up to date (schema "broker" does not exist): ./aero migrate',
  })
})

test('a broker that is away is explained by the setting that says where it is', () => {
  const error = new Transient('broker-unavailable', 'the broker is away')
  expect(explained(error)).toMatchObject({
    code: 1,
    message: expect.stringContaining('DATABASE_URL'),
  })
})

test('any other error is left as it is', () => {
  const error = new Error('something else')
  expect(explained(error)).toBe(error)
})
