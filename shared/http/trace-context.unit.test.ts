import { expect, test } from 'bun:test'
import { continueTrace } from './trace-context.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'

test('a trace is continued with its id and flags, and a span id of our own', () => {
  const { traceparent, tracestate } = continueTrace(`00-${traceId}-${parent}-01`, 'a=b')
  expect(traceparent).toMatch(new RegExp(`^00-${traceId}-(?!${parent})[0-9a-f]{16}-01$`))
  expect(tracestate).toBe('a=b')
})

test('a later version is read as far as it is known', () => {
  expect(continueTrace(`cc-${traceId}-${parent}-01-more`).traceId).toBe(traceId)
})

test.each([
  undefined,
  '',
  'garbage',
  `ff-${traceId}-${parent}-01`,
  `00-${traceId}-${parent}-01-more`,
  `00-${'0'.repeat(32)}-${parent}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${parent}-01`,
])('a new trace begins for %p, without its tracestate', (header) => {
  const { traceparent, tracestate, traceId: fresh } = continueTrace(header, 'a=b')
  expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  expect(fresh).not.toBe(traceId)
  expect(tracestate).toBeUndefined()
})
