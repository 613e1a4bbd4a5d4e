import { z } from 'zod'
import { eventsOf } from './contract.ts'

export const receiptStatuses = ['accepted', 'completed', 'rejected', 'failed'] as const
export type ReceiptStatus = (typeof receiptStatuses)[number]

/** Why a command was rejected or failed, in the form of RFC 9457. */
export const receiptProblem = z.strictObject({
  /** `urn:aeroalpes:problem:<slug>` */
  type: z.string(),
  title: z.string(),
  detail: z.string(),
})
export type ReceiptProblem = z.output<typeof receiptProblem>

/** What became of one command. */
export const receipt = z.strictObject({
  command_id: z.string(),
  type: z.string(),
  status: z.enum(receiptStatuses),
  /** Id of the thing the command is for. */
  id: z.string(),
  /** Version of the thing after the command; for a rejection its current one; null when there is none. */
  version: z.number().int().nullable(),
  submitted_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  attempts: z.number().int(),
  events: z.array(z.strictObject({ id: z.string(), type: z.string() })),
  problem: receiptProblem.nullable(),
})
export type Receipt = z.output<typeof receipt>

/** Every finished command, also rejected and failed ones; not what this system has sent itself and went well. Key = command id. */
export const CommandFinished = eventsOf('outcomes')(
  'CommandFinished',
  receipt.extend({ owner: z.string().nullable() }),
)
