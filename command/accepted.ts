import { z } from 'zod'
import { type CommandName, commands } from '../shared/contracts/topology.ts'
import { hrefOf, receiptPath, statusUrlOf } from '../shared/receipts/links.ts'
import type { Identity } from './idempotency/claims.ts'

/** Where the two sides are reached from outside. */
export interface Links {
  readonly command: string
  readonly query: string
}

export const accepted = z.object({
  command_id: z.uuid(),
  status: z.literal('accepted'),
  /** Of the thing that the command is for. */
  id: z.uuid(),
  href: z.url(),
  status_url: z.url(),
})

/** The 202: the broker has the command, and here is where to ask what became of it. */
export const acceptedAnswer = (
  links: Links,
  name: CommandName,
  { commandId, targetId }: Identity,
  ticket: string,
): Response => {
  const body = {
    command_id: commandId,
    status: 'accepted',
    id: targetId,
    href: hrefOf(links.query, commands[name].type, targetId),
    status_url: statusUrlOf(links.command, commandId, ticket),
  } satisfies z.output<typeof accepted>
  return Response.json(body, {
    status: 202,
    headers: { location: receiptPath(commandId, ticket), 'retry-after': '1' },
  })
}
