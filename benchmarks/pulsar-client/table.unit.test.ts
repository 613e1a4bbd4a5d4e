import { expect, test } from 'bun:test'
import { type Measured, type Row, rows } from './rows.ts'
import { missed, tableOf } from './table.ts'

const rowOf = (name: string): Row => {
  const found = rows.find((row) => row.name === name)
  if (!found) throw new Error(`no row ${name}`)
  return found
}

const outcome = (perSecond: number, cpuMicros: number) => ({ perSecond, cpuMicros, memoryMiB: 60 })

const measured: Measured = {
  bun: outcome(400_000, 1),
  deno: outcome(200_000, 4),
  python: outcome(50_000, 40),
}

test('each figure stands beside that of the C++ client, with its bars and what was missed', () => {
  const [, , rate, cpu] = tableOf([{ row: rowOf('produce'), measured }]).split('\n')
  expect(rate).toEndWith(
    '| 400,000 | 200,000 | 50,000 | 8.0x (>= 8x), >= 250,000 | 4.0x (>= 5x) MISSED, >= 150,000 |',
  )
  expect(cpu).toEndWith(
    '| 1.0 | 4.0 | 40 | 0.03x (<= 0.08x), <= 3 | 0.10x (<= 0.08x) MISSED, <= 3 MISSED |',
  )
})

test('what was missed is named with its runtime', () => {
  expect(missed([{ row: rowOf('produce'), measured }])).toEqual([
    'produce messages/s on deno',
    'produce CPU us/message on deno',
    'produce CPU us/message on deno',
  ])
})

test('a bar nobody could measure is not met', () => {
  const without = { ...measured, python: undefined }
  const findings = [{ row: rowOf('consume'), measured: without }]
  expect(missed(findings)).toHaveLength(4)
  expect(tableOf(findings)).toContain('not measured')
})
