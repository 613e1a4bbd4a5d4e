import { expect, test } from 'bun:test'
import { z } from 'zod'
import { faultsOf } from './faults.ts'
import { plainWords } from './plain-words.ts'

const wordsFor = (schema: z.ZodType, input: unknown) => {
  const { error } = schema.safeParse(input, { error: plainWords })
  return error && faultsOf(error).map(({ detail }) => detail)
}
const pieces = z.number().int().positive().max(1000)

test('what is refused is told what would be taken', () => {
  expect(wordsFor(pieces, 0)).toEqual(['must be more than 0'])
  expect(wordsFor(pieces, 1001)).toEqual(['must be at most 1000'])
  expect(wordsFor(pieces, 1.5)).toEqual(['must be a whole number'])
  expect(wordsFor(z.number().min(-3), -4)).toEqual(['must be at least -3'])
  expect(wordsFor(z.number().lt(5), 5)).toEqual(['must be less than 5'])
  expect(wordsFor(z.string().min(1), '')).toEqual(['must not be empty'])
  expect(wordsFor(z.string().min(8), 'short')).toEqual(['must have at least 8 characters'])
  expect(wordsFor(z.string().max(3), 'long')).toEqual(['must have at most 3 characters'])
  expect(wordsFor(z.array(z.string()).nonempty(), [])).toEqual(['must not be empty'])
  expect(wordsFor(z.array(z.string()).max(2), ['a', 'b', 'c'])).toEqual([
    'must have at most 2 entries',
  ])
  expect(wordsFor(z.enum(['red', 'blue']), 'green')).toEqual(['must be one of red, blue'])
  expect(wordsFor(z.object({ id: z.guid() }), {})).toEqual(['this field is missing'])
})

test('words that a schema has of its own stay', () => {
  expect(wordsFor(z.string().min(1, 'a name is needed'), '')).toEqual(['a name is needed'])
})
