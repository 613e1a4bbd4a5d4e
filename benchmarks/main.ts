import { parseArgs } from 'node:util'
import { type Measurement, measure } from './measure.ts'
import { orders, reservations } from './tasks.ts'
import { memoryMiB } from './probe.ts'
import { runEdgeStart } from './edge-start.ts'
import { runClientBench } from './pulsar-client/main.ts'
import { saveResults } from './results.ts'
import { startSystem, type SystemUnderTest } from './system.ts'

const usage = `usage: ./aero bench [accept] [end-to-end] [ceiling] [orders] [--seconds 10] [--rate 200]
       ./aero bench pulsar-client [name of a row...]
       ./aero bench edge-start

  accept      closed loop of 64 callers against POST /reservations
  end-to-end  fixed rate; from 202 to readable; then everything accepted must be applied
  ceiling     raises the rate until the backlog grows
  orders      fixed rate of orders paid by card; each must be carried through until it is shipped

  pulsar-client  our Pulsar client on Bun and Deno beside the C++ one, on a real Pulsar
  edge-start     a command-api on Pulsar alone: from its start to its first 202, and its memory

With PULSAR_URL and PULSAR_ADMIN_URL the system runs on that Pulsar, else on the embedded broker.
Without a name the first four run. Results are also written to .aero/bench/<time>.json.`

const kinds = ['accept', 'end-to-end', 'ceiling', 'orders'] as const
type Kind = (typeof kinds)[number]

/** Runs the benches named in `args`; resolves with the exit code: 1 when an accepted command was lost. */
export const runBench = async (args: readonly string[]): Promise<number> => {
  if (args[0] === 'edge-start') return runEdgeStart()
  if (args[0] === 'pulsar-client') return runClientBench(args.slice(1))
  const options = parse(args)
  if (!options) {
    console.error(usage)
    return 2
  }
  const system = await startSystem()
  try {
    const idleMiB = memoryMiB(system.pid)
    console.log(`idle memory of the process tree: ${idleMiB.toFixed(0)} MiB`)
    await measure(system, reservations, { seconds: 3, rate: 100, observed: 1 })
    const results: Record<string, readonly Measurement[]> = {}
    for (const kind of options.kinds) results[kind] = await bench[kind](system, options)
    saveResults({ idleMiB, ...results })
    return Object.values(results)
      .flat()
      .every(({ applied, accepted }) => applied === accepted)
      ? 0
      : 1
  } finally {
    await system.stop()
  }
}

interface Options {
  readonly kinds: readonly Kind[]
  readonly seconds: number
  readonly rate: number
}

const bench: Readonly<
  Record<Kind, (system: SystemUnderTest, options: Options) => Promise<readonly Measurement[]>>
> = {
  accept: async (system, { seconds }) => [
    show('accept', await measure(system, reservations, { seconds, callers: 64, observed: 0.01 })),
  ],
  'end-to-end': async (system, { seconds, rate }) => [
    show('end-to-end', await measure(system, reservations, { seconds, rate, observed: 1 })),
  ],
  async ceiling(system, { seconds }) {
    const found: Measurement[] = []
    for (let rate = 500; rate <= 10_000; rate += 250) {
      const result = show(
        'ceiling',
        await measure(system, reservations, { seconds, rate, observed: 50 / rate }),
      )
      found.push(result)
      if (result.drainSeconds > 1 || result.rate < rate * 0.95) break
    }
    return found
  },
  async orders(system, { seconds, rate }) {
    const task = await orders(system)
    return [show('orders', await measure(system, task, { seconds, rate, observed: 0.1 }))]
  },
}

const show = (kind: Kind, m: Measurement): Measurement => {
  const fixed = (value: number, digits = 1) => value.toFixed(digits)
  console.log(
    [
      `${kind}: ${fixed(m.rate, 0)}/s for ${fixed(m.seconds, 0)} s`,
      `accepted ${m.accepted}, applied ${m.applied}, failed ${m.failed}`,
      `202 p50 ${fixed(m.accept.p50)} p99 ${fixed(m.accept.p99)} ms`,
      `readable p50 ${fixed(m.visible.p50)} p99 ${fixed(m.visible.p99)} ms (${m.visible.count})`,
      `drained in ${fixed(m.drainSeconds, 2)} s`,
      `CPU us/command: system ${fixed(m.cpu.system, 0)}, postgres ${fixed(m.cpu.postgres, 0)}, load ${fixed(m.cpu.load, 0)}`,
      `statements/command ${fixed(m.statementsPerCommand, 2)}, WAL bytes/command ${fixed(m.walBytesPerCommand, 0)}`,
      `fdatasync ${fixed(m.disk.before, 2)} -> ${fixed(m.disk.after, 2)} ms`,
    ].join('\n  '),
  )
  return m
}

const parse = (args: readonly string[]): Options | undefined => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seconds: { type: 'string', default: '10' },
        rate: { type: 'string', default: '200' },
      },
    })
    const [seconds, rate] = [Number(values.seconds), Number(values.rate)]
    const named = kinds.filter((kind) => positionals.includes(kind))
    const sensible = seconds > 0 && rate > 0 && named.length === positionals.length
    return sensible ? { kinds: named.length > 0 ? named : kinds, seconds, rate } : undefined
  } catch {
    return undefined
  }
}

if (import.meta.main) process.exitCode = await runBench(process.argv.slice(2))
