import { within } from '../shared/kernel/within.ts'
import type { Check } from '../shared/runtime/role.ts'

/** Whether something answers within 900 ms, since a check has a second. Never throws. */
export const answers = async (name: string, work: Promise<unknown>): Promise<Check> => {
  try {
    await within(900, work, () => new Error('no answer in time'))
    return { name, ok: true }
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : 'failed' }
  }
}
