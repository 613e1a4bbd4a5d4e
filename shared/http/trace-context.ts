import { randomBytes } from 'node:crypto'

/** The trace that a request belongs to, with the span of this process in it. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string
  /** The header to send on (https://www.w3.org/TR/trace-context/). */
  readonly traceparent: string
  readonly tracestate?: string
}

const format =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/

/**
 * Continues the trace of `traceparent` with a new span id; begins one, unsampled, when the header is
 * absent or broken (its `tracestate` is then dropped, as section 3.3 of the recommendation asks).
 */
export const continueTrace = (traceparent?: string, tracestate?: string): TraceContext => {
  const [, version, traceId, flags, rest] = format.exec(traceparent ?? '') ?? []
  if (!traceId || (version === '00' && rest !== undefined)) return newTrace()
  return {
    traceId,
    traceparent: `00-${traceId}-${hex(8)}-${flags}`,
    ...(tracestate !== undefined && tracestate.length <= 512 ? { tracestate } : {}),
  }
}

const newTrace = (): TraceContext => {
  const traceId = hex(16)
  return { traceId, traceparent: `00-${traceId}-${hex(8)}-00` }
}

const hex = (bytes: number) => randomBytes(bytes).toString('hex')
