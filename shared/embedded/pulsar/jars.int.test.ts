import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../tests/support/until.ts'
import { fetchJars, pulsarVersion } from './jars.ts'

const parent = mkdtempSync(join(tmpdir(), 'aero-jars-'))
let made = 0

afterAll(() => rmSync(parent, { recursive: true }))

/** A Maven that makes one jar where it is told to, does `then`, and counts how often it was called. */
const mavenThat = (then: string) => {
  const folder = join(parent, String((made += 1)))
  const maven = `${folder}.mvn`
  const calls = `${folder}.calls`
  const script = `echo call >>${calls}
for word; do case $word in -DoutputDirectory=*) out=\${word#*=} ;; esac; done
mkdir -p "$out" && echo jar >"$out/pulsar.jar"
${then}`
  writeFileSync(maven, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const told: string[] = []
  return {
    folder,
    told,
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').length - 1 : 0),
    fetch: (extra: { signal?: AbortSignal; maven?: string } = {}) =>
      fetchJars({ folder, maven, progress: (line) => told.push(line), ...extra }),
  }
}

test('jars are fetched once', async () => {
  const { folder, fetch, calls } = mavenThat('')
  const lib = await fetch()
  expect(lib).toBe(join(folder, `lib-${pulsarVersion()}`))
  expect(await fetch()).toBe(lib)
  expect(readdirSync(lib).sort()).toEqual(['pom.xml', 'pulsar.jar'])
  expect(calls()).toBe(1)
})

test('a fetch that breaks leaves nothing that is taken for complete, and says why', async () => {
  const broken = mavenThat("echo '[ERROR] no route to the mirror'; exit 1")
  await expect(broken.fetch()).rejects.toThrow('no route to the mirror')
  expect(readdirSync(broken.folder)).toEqual([])
  const whole = mavenThat('')
  await broken.fetch({ maven: `${whole.folder}.mvn` })
  expect(readdirSync(broken.folder)).toEqual([`lib-${pulsarVersion()}`])
})

test('a fetch that was asked to stop stops, and another one starts anew', async () => {
  const asked = new AbortController()
  const { folder, fetch, calls } = mavenThat('exec sleep 60')
  const fetching = fetch({ signal: asked.signal })
  await until(() => calls() === 1)
  asked.abort()
  await expect(fetching).rejects.toThrow()
  expect(readdirSync(folder)).toEqual([])
})

test('of several at once one fetches and the others wait for it', async () => {
  const { fetch, calls, told } = mavenThat('sleep 0.3')
  const libs = await Promise.all([fetch(), fetch(), fetch()])
  expect(new Set(libs).size).toBe(1)
  expect(calls()).toBe(1)
  expect(told.filter((line) => line.includes('waiting'))).toHaveLength(2)
})

test('jars of another list are fetched anew', async () => {
  const { fetch, calls } = mavenThat('')
  writeFileSync(join(await fetch(), 'pom.xml'), 'another list')
  await fetch()
  expect(calls()).toBe(2)
})
