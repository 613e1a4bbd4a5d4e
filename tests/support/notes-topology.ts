import { z } from 'zod'
import { type Contract, eventsOf } from '../../shared/contracts/contract.ts'
import { topicRecord } from '../../shared/schemas/topic-schema.ts'
import type { DesiredTopology } from '../../shared/topology/desired.ts'
import { contractPolicies } from '../../shared/topology/policies.ts'

export const noteEvent = eventsOf('notes')

const noted = noteEvent('Noted', z.strictObject({ id: z.string() }))

/** A topology of one topic, `events/notes`, which `reader` reads. */
export function notesTopology(
  tenant: string,
  partitions: number,
  contracts: readonly Contract[] = [noted],
): DesiredTopology {
  const name = `persistent://${tenant}/events/notes`
  const definition = JSON.stringify(topicRecord(name, contracts))
  return {
    tenant,
    namespaces: [{ name: `${tenant}/events`, policies: contractPolicies }],
    topics: [{ name, partitions, subscriptions: ['reader'], schema: { type: 'JSON', definition } }],
  }
}
