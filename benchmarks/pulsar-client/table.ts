import { isMet, type Measured, type Ours, type Row, valueOf } from './rows.ts'

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

const verdict = ({ row, measured }: Finding, at: number, ours: Ours): string => {
  const bar = row.bars[at]
  const value = bar && valueOf(bar, measured, ours)
  if (bar === undefined || value === undefined) return 'not measured'
  const bound = bar.atLeast ?? bar.atMost
  const limit = `${bar.atLeast ? '>=' : '<='} ${bound?.[ours].toLocaleString('en')}`
  const times = bar.of === 'python' ? 'x' : ''
  return `${digits(value)}${times} (${limit}${times})${isMet(bar, value, ours) ? '' : ' MISSED'}`
}

/** One line a bar, in Markdown: what each client measured, and ours against the bar. */
export const tableOf = (findings: readonly Finding[]): string => {
  const head = ['', 'Bun', 'Deno', 'C++', 'Bun: reached (bar)', 'Deno: reached (bar)']
  const lines = findings.flatMap((finding) =>
    finding.row.bars.map(({ metric }, at) => {
      const { bun, deno, python } = finding.measured
      const values = [bun, deno, python].map((outcome) => digits(outcome?.[metric]))
      const verdicts = (['bun', 'deno'] as const).map((ours) => verdict(finding, at, ours))
      return [`${finding.row.what}: ${labels[metric]}`, ...values, ...verdicts]
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
