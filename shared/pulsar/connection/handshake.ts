import type { Body } from '../wire/commands.ts'
import type { Authentication } from './authentication.ts'

/** The newest protocol version this client was tried with, against a broker 4.2. */
const protocolVersion = 21
const clientVersion = 'aeroalpes-pulsar-0.1.0'

export const connectBody = async (
  authentication: Authentication | undefined,
  proxyToBrokerUrl: string | undefined,
): Promise<Body<'connect'>> => ({
  clientVersion,
  protocolVersion,
  authMethodName: authentication?.methodName ?? 'none',
  authData: await authentication?.data(),
  proxyToBrokerUrl,
  featureFlags: { supportsAuthRefresh: true, supportsPartialProducer: true },
})

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
