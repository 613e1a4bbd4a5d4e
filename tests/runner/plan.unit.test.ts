import { expect, test } from 'bun:test'
import { plan } from './plan.ts'

const files = [
  'tests/a.e2e.test.ts',
  'tests/b.chaos.test.ts',
  'uow/c.int.test.ts',
  'uow/d.unit.test.ts',
]

test('heavy suites run after the others and one at a time', () => {
  expect(plan(files, [], 4)).toEqual([
    { files: ['uow/c.int.test.ts', 'uow/d.unit.test.ts'], workers: 4 },
    { files: ['tests/a.e2e.test.ts', 'tests/b.chaos.test.ts'], workers: 1 },
  ])
})

test('a pattern keeps the files whose path contains it', () => {
  expect(plan(files, ['.unit.', 'a.e2e'], 2).flatMap((phase) => phase.files)).toEqual([
    'uow/d.unit.test.ts',
    'tests/a.e2e.test.ts',
  ])
})

test('a pattern that matches nothing plans nothing', () => {
  expect(plan(files, ['nowhere'], 2)).toEqual([])
})
