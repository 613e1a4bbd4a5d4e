import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOnThisMachine, homeFolder, makeSecrets, readSecrets } from './home.ts'
import { foundPlace, takePlace } from './presence.ts'
import { readSettings } from './settings.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aero-home-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('secrets are made once, for their owner alone, and fit the settings', () => {
  const home = join(folder, 'home')
  expect(readSecrets(home)).toEqual({})
  const made = makeSecrets(home)
  expect(makeSecrets(home)).toEqual(made)
  expect(statSync(join(home, 'secrets.json')).mode & 0o777).toBe(0o600)
  expect(readSettings({}, made).settings.credentialKey).toBe(made['CREDENTIAL_KEY']!)
})

test('a secret that is missing is added, and those that are there stay', () => {
  writeFileSync(join(folder, 'secrets.json'), JSON.stringify({ TICKET_SECRET: 't'.repeat(40) }))
  const made = makeSecrets(folder)
  expect(made['TICKET_SECRET']).toBe('t'.repeat(40))
  expect(made['JWT_SECRET']).toHaveLength(43)
})

test('the home lies in the checkout, unless AERO_HOME says otherwise', () => {
  expect(homeFolder({ AERO_HOME: '/somewhere' })).toBe('/somewhere')
  expect(homeFolder({})).toBe(join(import.meta.dir, '../../.aero'))
})

test('one founds a place, others take one beside it, and what nobody reads is replaced', () => {
  const path = join(folder, 'users')
  expect(takePlace(path)).toBeUndefined()
  const founder = foundPlace(path)!
  expect(foundPlace(path)).toBeUndefined()
  const guest = takePlace(path)!
  expect([founder.counts(), guest.counts()]).toEqual([true, true])
  founder.leave()
  expect(guest.counts()).toBe(false)
  expect(takePlace(path)).toBeUndefined()
  const next = foundPlace(path)!
  expect(next.counts()).toBe(true)
  expect(guest.counts()).toBe(false)
  next.leave()
})

test('a Pulsar is on this machine when all of its hosts are', () => {
  for (const local of [
    'pulsar://127.0.0.1:6650',
    'pulsar+ssl://localhost',
    'pulsar://[::1]:1,127.0.0.1',
  ])
    expect(isOnThisMachine(local)).toBe(true)
  for (const remote of [
    'pulsar://broker:6650',
    'pulsar://localhost.example.com:6650',
    'pulsar://127.0.0.1:6650,broker:6650',
    'pulsar://127.example.com',
  ])
    expect(isOnThisMachine(remote)).toBe(false)
})
