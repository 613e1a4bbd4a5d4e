import { within } from '../kernel/within.ts'
import { problem } from './problem.ts'

export interface ByteLimits {
  readonly maxBytes: number
  readonly timeoutMs: number
}

/**
 * The body of a request. Holds at most `maxBytes` plus one chunk, whatever `content-length` says or
 * leaves unsaid. Throws an `HttpProblem`: 413 `payload-too-large`, 408 `request-timeout`.
 */
export const readBytes = async (request: Request, limits: ByteLimits): Promise<Uint8Array> => {
  if (Number(request.headers.get('content-length') ?? 0) > limits.maxBytes) throw tooLarge(limits)
  const reader = request.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
  if (!reader) return new Uint8Array()
  try {
    return await within(limits.timeoutMs, collect(reader, limits), () => tooSlow(limits))
  } catch (error) {
    // What still arrives is of no interest, and neither is whether the sender hears so.
    reader.cancel().catch(() => undefined)
    throw error
  }
}

const collect = async (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limits: ByteLimits,
): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks, size)
    size += value.length
    if (size > limits.maxBytes) throw tooLarge(limits)
    chunks.push(value)
  }
}

const closing = { connection: 'close' }

const tooLarge = ({ maxBytes }: ByteLimits) =>
  problem('payload-too-large', 413, `The body may have ${maxBytes} bytes at most.`, {
    headers: closing,
  })

const tooSlow = ({ timeoutMs }: ByteLimits) =>
  problem('request-timeout', 408, `The body did not arrive within ${timeoutMs / 1000} s.`, {
    headers: closing,
  })
