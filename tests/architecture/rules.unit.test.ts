import { describe, expect, test } from 'bun:test'
import { dirname } from 'node:path'
import { type RuleName, rules } from './rules.ts'
import { importsOf, readCheckout, type SourceFile } from './source.ts'

type Planted = readonly (readonly [path: string, text: string])[]

// Pieced together, or this file itself would break the rules.
const from = (specifier: string) => `import { x } from '${specifier}'`
const slash = '/'
const dot = '.'

const planted: Readonly<Record<RuleName, Planted>> = {
  'import against the arrows': [
    ['shared/kernel/a.ts', from('../../uow/b.ts')],
    ['uow/a.ts', from('../command/b.ts')],
    ['command/users/a.ts', `import type { X } from '../../query/users/b.ts'`],
    ['query/users/a.ts', `import { type X } from "../../command/users/b.ts"`],
    ['query/a.ts', `export type { X } from '../uow/b.ts'`],
    ['query/a.ts', `const x = await import('../uow/b.ts')`],
    ['query/a.ts', `type X = import('../command/b.ts').X`],
    ['query/a.ts', `import {\n  x,\n} from\n  '../command/b.ts'`],
    ['query/a.ts', `import '../command/b.ts'`],
    ['query/a.ts', 'new URL(`../command/b.ts`, import.meta.url)'],
    ['query/a.int.test.ts', from('../command/b.ts')],
    ['cli/a.ts', from('../command/b.ts')],
    ['cli/a.ts', from('../main.ts')],
    ['command/a.ts', from('../tests/support/postgres.ts')],
    ['newroom/a.ts', from('../shared/kernel/b.ts')],
  ],
  'import of a sibling module': [
    ['command/reservations/a.ts', from('../users/b.ts')],
    ['command/sagas/a.saga.ts', `import type { X } from '../orders/b.ts'`],
    ['query/reservations/deep/a.ts', from('../../users/b.ts')],
    ['query/reservations/a.unit.test.ts', `await import('../users/b.ts')`],
    ['query/projection/a.ts', from('../users/b.ts')],
  ],
  'import that leaves an island': [['shared/pulsar/a.ts', from('../kernel/b.ts')]],
  'import of a test': [['uow/a.ts', from('./b.unit.test.ts')]],
  'import without its ending': [['uow/a.ts', from('./b')]],
  'import deeper than ../..': [['shared/a/b/c/d.ts', from('../../../kernel/x.ts')]],
  'module of Bun': [
    ['uow/a.ts', from('bun:sqlite')],
    ['benchmarks/a.ts', from('bun:jsc')],
    ['main.ts', from('bun')],
  ],
  'module of a runtime or a URL': [
    ['uow/a.ts', from('node:process')],
    ['uow/a.ts', from('jsr:@std/x')],
  ],
  'computed import': [['uow/a.ts', 'const load = (name: string) => import(name)']],
  'work at import time': [
    ['uow/a.ts', 'register(handler)'],
    ['uow/a.ts', `const x = 1\nsetInterval(() => x, 1)`],
    ['uow/a.ts', 'for (const x of [1]) x.run()'],
  ],
  'wait at import time': [['uow/a.ts', 'export const x = await connect()']],
  'variable of a module': [['uow/a.ts', 'let count = 0']],
  barrel: [
    ['shared/kernel/all.ts', `export * from './ids.ts'`],
    ['uow/index.ts', `export * from './handler.ts'`],
  ],
  'banned name': [
    ['uow/a.ts', 'export interface IStore {'],
    ['uow/a.ts', 'class StoreImpl {'],
    ['uow/a.ts', 'export abstract class BaseHandler {'],
    ['uow/a.ts', 'export type LaneManager = {'],
  ],
  'file name not in kebab-case': [
    ['uow/rowStore.ts', ''],
    ['Uow/row-store.ts', ''],
  ],
  'test of no suite': [['uow/a.test.ts', '']],
  'test switched off': [
    ['uow/a.unit.test.ts', `test${dot}skip('x', () => {})`],
    ['uow/a.unit.test.ts', `describe${dot}only('x', () => {})`],
    ['tests/support/a.ts', `test.concurrent${dot}todo('x')`],
  ],
  'host of a package registry': [
    ['README.md', `npm i --registry https://registry${dot}npmjs.org`],
    ['deploy/a.yaml', `https://npm${dot}jsr.io/`],
  ],
  'address in the lockfile': [['bun.lock', '["a@1.0.0", "https://mirror.example/a.tgz", {}]']],
  'path of one machine': [
    ['README.md', `cd ${slash}work/aeroalpes`],
    ['uow/a.ts', `const home = '${slash}home/me'`],
  ],
}

const checkout = await readCheckout(dirname(dirname(import.meta.dirname)))

for (const [name, rule] of Object.entries(rules)) {
  describe(`no ${name}`, () => {
    test('is in the checkout', () => {
      const found = checkout.flatMap((file) => rule(file).map((what) => `${file.path}: ${what}`))
      expect(found).toEqual([])
    })

    for (const [path, text] of planted[name as RuleName]) {
      test(`goes unseen when planted: ${path}: ${JSON.stringify(text)}`, () => {
        expect(rule({ path, text })).toHaveLength(1)
      })
    }
  })
}

test('what the house allows breaks no rule', () => {
  const innocent: Planted = [
    [
      'command/users/register-user.ts',
      `${from('../../uow/handler.ts')}\n${from('./user.store.ts')}`,
    ],
    ['command/bootstrap.ts', `${from('./users/index.ts')}\nexport const x = () => import('pino')`],
    ['command/users/index.ts', `export * from './register-user.ts'`],
    ['query/users/user.view.ts', from('../projection/view.ts')],
    ['query/projection/fold.unit.test.ts', from('../users/user.view.ts')],
    ['cli/status.ts', from('../query/bootstrap.ts')],
    ['main.ts', from('./command/bootstrap.ts')],
    ['shared/runtime/serve.ts', from('bun')],
    ['shared/embedded/postgres/a.int.test.ts', from('../../../tests/support/postgres.ts')],
    ['tests/a.e2e.test.ts', `${from('bun:test')}\ntest('x', () => {})`],
    ['uow/relay.ts', `const x = 1\nexport const run = async () => {\n  await x\n}\n`],
    ['docs/guide.md', 'the registry of schemas; open http://127.0.0.1:8000/users/1'],
  ]
  const complaints = innocent.flatMap(([path, text]) =>
    Object.values(rules).flatMap((rule) => rule({ path, text })),
  )
  expect(complaints).toEqual([])
})

// A boundary test that looks at the wrong files guards nothing.
test('the rules look at the rooms and at the imports in them', () => {
  const seen = (room: string) => checkout.filter((file: SourceFile) => file.path.startsWith(room))
  expect(
    seen('shared/')
      .flatMap(importsOf)
      .filter(({ target }) => target).length,
  ).toBeGreaterThan(10)
  expect(seen('uow/')).not.toBeEmpty()
  expect(seen('bun.lock')).toHaveLength(1)
})
