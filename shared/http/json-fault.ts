/** Where and why a text stops being JSON (RFC 8259). Lines and columns count from 1. */
export interface JsonFault {
  readonly offset: number
  readonly line: number
  readonly column: number
  readonly reason: string
}

const token =
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))/y

type State = 'value' | 'first element' | 'first key' | 'key' | 'colon' | 'after value' | 'end'

interface Scanner {
  readonly stack: string[]
  state: State
}

/**
 * Finds the first fault of a text that `JSON.parse` refused; engines disagree about whether their
 * errors tell the position. Linear in the text, and never recursive.
 */
export const findJsonFault = (text: string): JsonFault | undefined => {
  const scanner: Scanner = { stack: [], state: 'value' }
  let offset = 0
  for (;;) {
    token.lastIndex = offset
    const match = token.exec(text)
    const begin = offset + blanks(text, offset)
    if (!match) {
      if (begin < text.length) return at(text, begin, 'this is not a JSON token')
      return scanner.state === 'end' ? undefined : at(text, begin, 'the text ends too early')
    }
    const [, mark, string] = match
    if (!accept(scanner, mark ?? (string === undefined ? 'literal' : 'string')))
      return at(text, begin, `${expectation[scanner.state]} is expected here`)
    offset = token.lastIndex
  }
}

const blanks = (text: string, from: number): number => {
  let at = from
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1
  return at - from
}

const expectation: Readonly<Record<State, string>> = {
  value: 'a value',
  'first element': 'a value or ]',
  'first key': 'a key in double quotes or }',
  key: 'a key in double quotes',
  colon: ':',
  'after value': ', or the closing bracket',
  end: 'the end of the text',
}

const accept = (scanner: Scanner, kind: string): boolean => {
  const { stack, state } = scanner
  const value = state === 'value' || state === 'first element'
  if (value && (kind === '{' || kind === '[')) {
    stack.push(kind)
    scanner.state = kind === '{' ? 'first key' : 'first element'
  } else if (value && (kind === 'string' || kind === 'literal')) closeValue(scanner)
  else if ((state === 'first key' || state === 'key') && kind === 'string') scanner.state = 'colon'
  else if (state === 'colon' && kind === ':') scanner.state = 'value'
  else if (state === 'after value' && kind === ',')
    scanner.state = stack.at(-1) === '{' ? 'key' : 'value'
  else if (closes(scanner, kind)) {
    stack.pop()
    closeValue(scanner)
  } else return false
  return true
}

const closes = ({ stack, state }: Scanner, kind: string): boolean =>
  stack.at(-1) === '{'
    ? kind === '}' && (state === 'first key' || state === 'after value')
    : kind === ']' && (state === 'first element' || state === 'after value')

const closeValue = (scanner: Scanner): void => {
  scanner.state = scanner.stack.length === 0 ? 'end' : 'after value'
}

const at = (text: string, offset: number, reason: string): JsonFault => {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { offset, line, column: offset - before.lastIndexOf('\n'), reason }
}
