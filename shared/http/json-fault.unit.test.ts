import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { findJsonFault } from './json-fault.ts'

test.each([
  ['', 0],
  ['{', 1],
  ['{"a"', 4],
  ['{"a":}', 5],
  ['{"a":1,}', 7],
  ['[1 2]', 3],
  ['[1,]', 3],
  ['{a:1}', 1],
  ["{'a':1}", 1],
  ['"abc', 4],
  ['"a\\x"', 2],
  ['"a\nb"', 2],
  ['01', 0],
  ['1.', 0],
  ['nul', 0],
  ['{} {}', 3],
  ['[}', 1],
  [']', 0],
])('the fault of %j is at offset %d', (text, offset) => {
  expect(() => JSON.parse(text)).toThrow()
  expect(findJsonFault(text)?.offset).toBe(offset)
})

test('lines and columns count from one', () => {
  expect(findJsonFault('{\n  "a": 1,\n  b\n}')).toMatchObject({ line: 3, column: 3 })
})

test('a text has no fault exactly when JSON.parse takes it', () => {
  const parses = (text: string) => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', ']', '"', '1', ' ', '\\', '-'))
    .map(([text, at, noise]) => {
      const cut = at % (text.length + 1)
      return text.slice(0, cut) + noise + text.slice(cut + 1)
    })
  fc.assert(
    fc.property(fc.oneof(fc.json(), damaged), (text) => {
      expect(findJsonFault(text) === undefined).toBe(parses(text))
    }),
    { numRuns: 2000 },
  )
})

test('a megabyte of escapes is scanned without recursion', () => {
  expect(findJsonFault(`"${'\\n'.repeat(500_000)}`)?.reason).toBe('the text ends inside a string')
})
