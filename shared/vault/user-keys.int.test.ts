import { afterAll, beforeAll, expect, test } from 'bun:test'
import { sealUserKey } from '../kernel/credentials.ts'
import { newId } from '../kernel/ids.ts'
import { newKey, seal } from '../kernel/sealing.ts'
import { type Database, openDatabase } from '../postgres/database.ts'
import {
  credentialKey as keyOfPeople,
  keepUser,
  person,
} from '../../tests/support/recorded-events.ts'
import { type TestDatabase, testDatabase } from '../../tests/support/postgres.ts'
import { userVault } from './user-keys.ts'

const credentialKey = 'a credential key for tests only, long enough'

let home: TestDatabase
let database: Database
beforeAll(async () => {
  home = await testDatabase(['write'])
  database = openDatabase(home.url, { name: 'test' })
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
})

const keep = async () => {
  const [id, key] = [newId(), newKey()]
  const sealedKey = sealUserKey(credentialKey, key, id)
  await database.query(
    'INSERT INTO write.user_keys (id, version, sealed_key) VALUES ($1::uuid, 1, $2)',
    [id, sealedKey],
  )
  return { id, sealed: seal(key, 'Ana', id) }
}

test('what users sealed is opened for all of them with one statement', async () => {
  const users = await Promise.all([keep(), keep(), keep()])
  const before = database.statements
  const open = await userVault(database, credentialKey).openerFor(users.map(({ id }) => id))
  expect(users.map(({ id, sealed }) => open(id, sealed))).toEqual(['Ana', 'Ana', 'Ana'])
  expect(database.statements - before).toBe(1)
})

test('what was sealed with a key that is gone stays closed', async () => {
  const { id, sealed } = await keep()
  await database.query('DELETE FROM write.user_keys WHERE id = $1::uuid', [id])
  const open = await userVault(database, credentialKey).openerFor([id])
  expect(open(id, sealed)).toBeNull()
})

test('another CREDENTIAL_KEY, or the text of another user, is poison and opens nothing', async () => {
  const [ana, eva] = [await keep(), await keep()]
  const open = await userVault(database, credentialKey).openerFor([ana.id, eva.id])
  expect(() => open(ana.id, eva.sealed)).toThrow('does not open')
  const stranger = await userVault(database, 'another key').openerFor([ana.id])
  expect(() => stranger(ana.id, ana.sealed)).toThrow('does not open')
})

test('nobody to look up costs no statement', async () => {
  const before = database.statements
  await userVault(database, credentialKey).openerFor([])
  expect(database.statements).toBe(before)
})

test('the vault may be asked inside a transaction of the read side', async () => {
  const { id, sealed } = await keep()
  const opened = await database.transaction(async () => {
    const open = await userVault(database, credentialKey).openerFor([id])
    return open(id, sealed)
  })
  expect(opened).toBe('Ana')
})

test('who somebody is can be asked by their id alone, until they are erased', async () => {
  const [ana, eva] = [person('ana@example.com'), person('eva@example.com')]
  for (const one of [ana, eva]) await keepUser(database, one)
  const vault = userVault(database, keyOfPeople)
  const before = database.statements
  const find = await vault.finderFor([ana.id, eva.id, newId()])
  expect(database.statements - before).toBe(1)
  const found = find(ana.id)
  expect(found?.locale).toBe('es-CO')
  expect(JSON.parse(found!.personal)).toMatchObject({ email: 'ana@example.com' })
  expect(find(newId())).toBeNull()
  await database.query('DELETE FROM write.user_keys WHERE id = $1::uuid', [eva.id])
  const later = await vault.finderFor([ana.id, eva.id])
  expect([later(ana.id) === null, later(eva.id)]).toEqual([false, null])
})
