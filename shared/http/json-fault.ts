/** Where and why a text stops being JSON (RFC 8259). Lines and columns count from 1. */
export interface JsonFault {
  readonly offset: number
  readonly line: number
  readonly column: number
  readonly reason: string
}

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
  for (let offset = afterBlanks(text, 0); offset < text.length;) {
    const token = tokenAt(text, offset)
    if (token.fault !== undefined) return at(text, token.end, token.fault)
    if (!accept(scanner, token.kind))
      return at(text, offset, `${expectation[scanner.state]} is expected here`)
    offset = afterBlanks(text, token.end)
  }
  return scanner.state === 'end' ? undefined : at(text, text.length, 'the text ends too early')
}

const afterBlanks = (text: string, from: number): number => {
  let offset = from
  while (offset < text.length && ' \t\n\r'.includes(text.charAt(offset))) offset += 1
  return offset
}

interface Token {
  readonly kind: string
  readonly end: number
  readonly fault?: string
}

const literal = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

const tokenAt = (text: string, offset: number): Token => {
  const first = text.charAt(offset)
  if ('{}[],:'.includes(first)) return { kind: first, end: offset + 1 }
  if (first === '"') return stringAt(text, offset)
  literal.lastIndex = offset
  return literal.test(text)
    ? { kind: 'literal', end: literal.lastIndex }
    : { kind: 'none', end: offset, fault: 'this is not a JSON token' }
}

const stringAt = (text: string, begin: number): Token => {
  for (let end = begin + 1; end < text.length; end += 1) {
    const char = text.charAt(end)
    if (char === '"') return { kind: 'string', end: end + 1 }
    if (char < ' ') return { kind: 'none', end, fault: 'a control character must be escaped' }
    if (char !== '\\') continue
    escape.lastIndex = end
    if (!escape.test(text)) return { kind: 'none', end, fault: 'this escape is not known in JSON' }
    end = escape.lastIndex - 1
  }
  return { kind: 'none', end: text.length, fault: 'the text ends inside a string' }
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
