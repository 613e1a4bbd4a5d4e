import { type Bar, isMet, type Measured, type Ours, type Row, valueOf } from './rows.ts'

export interface Finding {
  readonly row: Row
  readonly measured: Measured
}

const labels = {
  perSecond: 'messages/s',
  cpuMicros: 'CPU us/message',
  p50: 'p50 ms',
  p99: 'p99 ms',
  memoryMiB: 'MiB',
} as const

const digits = (value: number | undefined): string => {
  if (value === undefined) return '-'
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toPrecision(value < 0.1 ? 1 : 2)
}

const verdict = (bar: Bar, measured: Measured, ours: Ours): string => {
  const value = valueOf(bar, measured, ours)
  if (value === undefined) return 'not measured'
  const bound = bar.atLeast ?? bar.atMost
  const limit = `${bar.atLeast ? '>=' : '<='} ${bound?.[ours].toLocaleString('en')}`
  const reached = bar.of === 'python' ? `${digits(value)}x (${limit}x)` : limit
  return isMet(bar, value, ours) ? reached : `${reached} MISSED`
}

/** One line a figure, in Markdown: what each client measured, and ours against its bars. */
export const tableOf = (findings: readonly Finding[]): string => {
  const head = ['', 'Bun', 'Deno', 'C++', 'Bun: reached (bar)', 'Deno: reached (bar)']
  const lines = findings.flatMap(({ row, measured }) =>
    [...new Set(row.bars.map(({ metric }) => metric))].map((metric) => {
      const { bun, deno, python } = measured
      const values = [bun, deno, python].map((outcome) => digits(outcome?.[metric]))
      const bars = row.bars.filter((bar) => bar.metric === metric)
      const verdicts = (['bun', 'deno'] as const).map((ours) =>
        bars.map((bar) => verdict(bar, measured, ours)).join(', '),
      )
      return [`${row.what}: ${labels[metric]}`, ...values, ...verdicts]
    }),
  )
  const cells = [head, head.map(() => '---'), ...lines]
  return cells.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

/** Every bar that was missed, or not measured. */
export const missed = (findings: readonly Finding[]): readonly string[] =>
  findings.flatMap(({ row, measured }) =>
    row.bars.flatMap((bar) =>
      (['bun', 'deno'] as const).flatMap((ours) => {
        const value = valueOf(bar, measured, ours)
        const met = value !== undefined && isMet(bar, value, ours)
        return met ? [] : [`${row.name} ${labels[bar.metric]} on ${ours}`]
      }),
    ),
  )
