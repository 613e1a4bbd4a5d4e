import { expect, test } from 'bun:test'
import { lacksPulsar } from './needs-pulsar.ts'

const nothing = { PATH: '' }
const elsewhere = { ...nothing, PULSAR_URL: 'pulsar://elsewhere:6650' }

test('suites are left out where no Pulsar can be had, unless they are required', () => {
  expect(lacksPulsar(nothing)).toBe(true)
  expect(lacksPulsar({ ...nothing, REQUIRE_PULSAR: '1' })).toBe(false)
})

test('the Pulsar of PULSAR_URL is enough for all but those that need one of their own', () => {
  expect(lacksPulsar(elsewhere)).toBe(false)
  expect(lacksPulsar(elsewhere, true)).toBe(true)
})
