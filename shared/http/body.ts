import type { Context } from 'hono'
import type { z } from 'zod'
import { Invalid } from '../kernel/fates.ts'
import { faultsOf, jsonPointer } from './faults.ts'
import { findJsonFault } from './json-fault.ts'
import { plainWords } from './plain-words.ts'
import { problem } from './problem.ts'
import { readBytes } from './read-bytes.ts'

export interface BodyOptions {
  /** Default 1 MiB. */
  readonly maxBytes?: number
  /** Most milliseconds from the first look at the body to its last byte. Default 10,000. */
  readonly timeoutMs?: number
  /** A missing body counts as `{}`. Default false. */
  readonly allowEmpty?: boolean
  /** The words of `detail` in errors[], such as one of zod's locales. Default: plain English. */
  readonly messages?: z.core.$ZodErrorMap
}

const deepest = 32

/**
 * The JSON body of a request, checked against `schema`. Throws `Invalid` (400) with JSON pointers,
 * or an `HttpProblem`: 415 for another media type, 413 for more bytes (counted while they arrive,
 * so that chunked bodies are held to it too), 408 for a sender that takes its time.
 */
export const readJson = async <S extends z.ZodType>(
  c: Context,
  schema: S,
  options: BodyOptions = {},
): Promise<z.output<S>> => {
  const bytes = await bytesOf(c, options)
  const value = bytes.length === 0 && options.allowEmpty ? {} : parseJson(bytes)
  const parsed = schema.safeParse(value, { error: options.messages ?? plainWords })
  if (parsed.success) return parsed.data
  throw new Invalid('The body does not have the form that is asked for.', faultsOf(parsed.error))
}

const bytesOf = async (c: Context, options: BodyOptions): Promise<Uint8Array> => {
  const type = c.req.header('content-type')
  if (type !== undefined || !options.allowEmpty) requireJson(type)
  requirePlain(c.req.header('content-encoding'))
  const bytes = await readBytes(c.req.raw, {
    maxBytes: options.maxBytes ?? 1024 * 1024,
    timeoutMs: options.timeoutMs ?? 10_000,
  })
  if (bytes.length > 0) requireJson(type)
  return bytes
}

const jsonType = /^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?;?$/i

const requireJson = (type: string | undefined): void => {
  if (type && jsonType.test(type.trim())) return
  const found = type ? `it is ${type.slice(0, 100)}` : 'it has no content-type'
  throw unsupported(`The body must be application/json in UTF-8; ${found}.`, {
    'accept-post': 'application/json',
  })
}

// Packed bytes would be taken for broken text, and the limit would count them packed.
const requirePlain = (encoding: string | undefined): void => {
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return
  throw unsupported(`The body must be sent as it is; it is encoded: ${encoding.slice(0, 100)}.`, {
    'accept-encoding': 'identity',
  })
}

const unsupported = (detail: string, headers: Readonly<Record<string, string>>) =>
  problem('unsupported-media-type', 415, detail, { headers })

/** Bytes to a value. Throws `Invalid`, slug `malformed-json` where it is no JSON at all. */
const parseJson = (bytes: Uint8Array): unknown => {
  if (bytes.length === 0) throw malformed('The body is empty; it has to be JSON.', undefined)
  const text = decode(bytes)
  requireShallow(text)
  const value = parse(text)
  // Postgres stores neither NUL nor half a surrogate pair; the text is only walked if one may be there.
  if (/\\u(?:0000|[dD][89a-fA-F])/.test(text)) requireStorable(value, [])
  return value
}

const decode = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw malformed('The body is not UTF-8.', cause)
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const fault = findJsonFault(text)
    const where = fault
      ? ` Line ${fault.line}, column ${fault.column} (offset ${fault.offset}): ${fault.reason}.`
      : ''
    throw malformed(`The body is not JSON.${where}`, cause)
  }
}

const malformed = (detail: string, cause: unknown) =>
  problem('malformed-json', 400, detail, { errors: [{ pointer: '', detail }], cause })

const requireShallow = (text: string): void => {
  let depth = 0
  let quoted = false
  for (let offset = 0; offset < text.length; offset += 1) {
    const char = text.charAt(offset)
    if (quoted && char === '\\') offset += 1
    else if (char === '"') quoted = !quoted
    else if (!quoted && (char === '{' || char === '[')) depth += 1
    else if (!quoted && (char === '}' || char === ']')) depth -= 1
    if (depth > deepest)
      throw new Invalid(`The body is nested more than ${deepest} levels deep.`, [
        { pointer: '', detail: `nest at most ${deepest} levels deep` },
      ])
  }
}

const requireStorable = (value: unknown, path: readonly PropertyKey[]): void => {
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed())
      throw new Invalid('A text holds a character that cannot be stored.', [
        {
          pointer: jsonPointer(path),
          detail: value.includes('\0') ? 'NUL is not allowed' : 'half a surrogate pair',
        },
      ])
  } else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      requireStorable(key, [...path, key.replaceAll('\0', '\\u0000')])
      requireStorable(inner, [...path, key])
    }
}
