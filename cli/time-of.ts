import { duration, instant } from './admin/values.ts'
import { Exit } from './exit.ts'

/**
 * `2026-06-28T16:53:08Z`, or so long from now: `10m` before it, or after it. Throws `Exit` usage for any
 * other text.
 */
export function timeOf(text: string, side: 'before' | 'after'): Date {
  try {
    if (text.includes('T')) return instant(text)
    const ms = duration(text) * 1000
    const time = new Date(Date.now() + (side === 'before' ? -ms : ms))
    if (!Number.isNaN(time.getTime())) return time
  } catch {
    // Said below for all of them.
  }
  const expected = `a time such as 2026-06-28T16:53:08Z, or one ${side === 'before' ? 'ago' : 'from now'} such as 10m`
  throw new Exit('usage', `${text} is not ${expected}`)
}
