import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTools } from './tools.ts'

const parent = mkdtempSync(join(tmpdir(), 'aero-tools-'))

/** A folder with programs that answer as the real ones do. */
const folderWith = (name: string, programs: Readonly<Record<string, string>>) => {
  const folder = join(parent, name, 'bin')
  mkdirSync(folder, { recursive: true })
  for (const [program, script] of Object.entries(programs)) {
    writeFileSync(join(folder, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  return folder
}
const java = (version: string) => `echo 'openjdk version "${version}"' >&2`

const seventeen = folderWith('17', { java: java('17.0.15') })
const eight = folderWith('8', { java: java('1.8.0_402') })
const early = folderWith('25', { java: java('25-ea') })
const broken = folderWith('broken', { java: 'exit 1' })
const maven = folderWith('maven', { mvn: '' })
const home = (folder: string) => join(folder, '..')

afterAll(() => rmSync(parent, { recursive: true }))

test('JAVA_HOME is taken before the PATH', () => {
  const environment = { JAVA_HOME: home(early), PATH: `${seventeen}:${maven}` }
  expect(findTools(environment)).toEqual({ java: join(early, 'java'), maven: join(maven, 'mvn') })
})

test.each([
  ['too old', eight],
  ['broken', broken],
  ['absent', join(parent, 'nowhere', 'bin')],
])('a Java in JAVA_HOME that is %s gives way to one on the PATH', (_, folder) => {
  const environment = { JAVA_HOME: home(folder), PATH: `${seventeen}:${maven}` }
  expect(findTools(environment).java).toBe(join(seventeen, 'java'))
})

test('everything that is missing is named at once, with how to get it', () => {
  const find = () => findTools({ PATH: '' })
  expect(find).toThrow('Java 17 or later and Maven (mvn on the PATH)')
  expect(find).toThrow('apt install')
})

test('a Java that is too old is named with its version and place', () => {
  expect(() => findTools({ PATH: `${eight}:${maven}` })).toThrow(
    `Java 17 or later (found 8 at ${join(eight, 'java')}).`,
  )
})
