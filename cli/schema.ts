import { changeRules, isBreaking } from '../shared/schemas/compare.ts'
import { refusalWords, type SchemaState, schemaState } from '../shared/topology/plan-schemas.ts'
import { Exit } from './exit.ts'
import type { ListingFormat } from './listing-formats.ts'
import { listing, type Row } from './listing.ts'
import { onPulsar, type Operation } from './topology.ts'

/**
 * Prints how the contracts of this code stand to the schemas that Pulsar has. Throws `Exit`: failed
 * when a topic would not take its schema any more, usage when there is no registry.
 */
export async function checkSchemas(operation: Operation, output: ListingFormat): Promise<void> {
  const { pulsarUrl, pulsarAdminUrl } = operation.settings
  if (pulsarUrl === undefined && pulsarAdminUrl === undefined)
    throw new Exit('usage', 'PULSAR_URL is not set: the embedded broker has no schemas to check')
  await onPulsar(operation.settings, async (admin, { topics }) => {
    const checked = await Promise.all(
      topics
        .filter(({ schema }) => schema !== undefined)
        .map(async (topic) => ({ topic: topic.name, found: await schemaState(admin, topic) })),
    )
    operation.print(listing(checked.flatMap(rowsOf), output))
    const broken = checked.filter(({ found }) => found.state === 'incompatible')
    if (broken.length > 0) throw new Exit('failed', broken.map(brokenWords).join('\n'))
  })
}

interface Checked {
  readonly topic: string
  readonly found: SchemaState
}

/** One row for each change, or one for the topic. */
function rowsOf({ topic, found }: Checked): readonly Row[] {
  const row = (result: string, change: Readonly<Record<string, string>> = {}) => ({
    topic,
    version: 'version' in found ? found.version : null,
    result,
    contract: '',
    field: '',
    rule: '',
    detail: '',
    ...change,
  })
  if (!('changes' in found)) return [row(found.state)]
  const rows = found.changes.map((change) =>
    row(isBreaking(change) ? 'incompatible' : 'compatible', {
      ...change,
      detail: change.detail || changeRules[change.rule],
    }),
  )
  const isExplained = rows.some(({ result }) => result === found.state)
  return isExplained ? rows : [...rows, row(found.state, { rule: 'broker', detail: found.refusal })]
}

const brokenWords = ({ topic, found }: Checked) =>
  `${topic}: ${'changes' in found ? refusalWords(found) : found.state}`
