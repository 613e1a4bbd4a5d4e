import { PulsarError } from '../errors.ts'
import type { Body } from '../wire/commands.ts'
import type { Authentication } from './authentication.ts'

/** The newest protocol version this client was tried with, against a broker 4.2. */
const protocolVersion = 21
const clientVersion = 'aeroalpes-pulsar-0.1.0'

/** @throws PulsarError `timeout` when the credentials take longer than `timeoutMs` */
export const connectBody = async (
  authentication: Authentication | undefined,
  proxyToBrokerUrl: string | undefined,
  timeoutMs: number,
): Promise<Body<'connect'>> => ({
  clientVersion,
  protocolVersion,
  authMethodName: authentication?.methodName ?? 'none',
  authData: authentication && (await within(timeoutMs, authentication.data())),
  proxyToBrokerUrl,
  featureFlags: { supportsAuthRefresh: true, supportsPartialProducer: true },
})

/** Who fetches tokens may hang, and everybody who waits for the connection with it. */
const within = async <T>(timeoutMs: number, credentials: Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const message = `Credentials could not be had within ${timeoutMs} ms.`
  const timer = setTimeout(() => reject(new PulsarError('timeout', message)), timeoutMs)
  try {
    return await Promise.race([credentials, late])
  } finally {
    clearTimeout(timer)
  }
}

export const authResponseBody = async (
  authentication: Authentication | undefined,
): Promise<Body<'authResponse'>> => ({
  clientVersion,
  protocolVersion,
  response: {
    authMethodName: authentication?.methodName ?? 'none',
    authData: (await authentication?.data()) ?? new Uint8Array(0),
  },
})
