import { z } from 'zod'
import { digest, sameDigest } from '../kernel/sealing.ts'

/** What a ticket says of its command: enough to answer for it before any row exists. */
export interface TicketClaims {
  readonly command_id: string
  readonly type: string
  readonly target_id: string
  readonly owner: string | null
  /** ISO 8601, UTC. */
  readonly submitted_at: string
}

const version = '1'
const claims = z.tuple([
  z.string(),
  z.string(),
  z.string(),
  z.string().nullable(),
  z.iso.datetime(),
])

/** A signed, URL-safe text: version, claims in base64url, HMAC-SHA-256; joined by dots. Not secret, not forgeable. */
export const signTicket = (secret: string, ticket: TicketClaims): string => {
  const { command_id, type, target_id, owner, submitted_at } = ticket
  const payload = Buffer.from(
    JSON.stringify([command_id, type, target_id, owner, submitted_at]),
  ).toString('base64url')
  return `${version}.${payload}.${signature(secret, payload)}`
}

/** The claims; undefined for a ticket that is forged, cut, of another secret or for another command. */
export const openTicket = (
  secret: string,
  text: string | undefined,
  commandId: string,
): TicketClaims | undefined => {
  if (text === undefined || text.length > 4096) return undefined
  const [given, payload, signed, ...rest] = text.split('.')
  if (given !== version || payload === undefined || signed === undefined || rest.length > 0)
    return undefined
  if (!sameDigest(signed, signature(secret, payload))) return undefined
  const parsed = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
  if (!parsed.success) return undefined
  const [command_id, type, target_id, owner, submitted_at] = parsed.data
  return command_id === commandId ? { command_id, type, target_id, owner, submitted_at } : undefined
}

const signature = (secret: string, payload: string) => digest(secret, 'ticket', version, payload)
