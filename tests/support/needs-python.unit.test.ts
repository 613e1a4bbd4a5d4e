import { expect, test } from 'bun:test'
import { lacksPython } from './needs-python.ts'

test('suites beside the official client are left out where no Pulsar can be had, unless required', () => {
  expect(lacksPython({ PATH: '' })).toBe(true)
  expect(lacksPython({ PATH: '', REQUIRE_PULSAR: '1' })).toBe(false)
})
