import { percentile } from './probe.ts'

/** What the load generator is asked to do; it runs in a process of its own (`bun load.ts <json>`). */
export interface Load {
  readonly commandUrl: string
  readonly queryUrl: string
  /** Where the commands go, and where what they made is read: `/reservations`. */
  readonly path: string
  /** The commands' bodies, one after the other, and from the first again. */
  readonly bodies: readonly object[]
  readonly seconds: number
  /** Closed loop: so many callers, each sends as soon as it has its answer. */
  readonly callers?: number
  /** Open loop: so many commands a second, whatever the answers do. */
  readonly rate?: number
  /** Share of commands whose way to the read side is timed. */
  readonly observed: number
}

export interface LoadResult {
  readonly sent: number
  readonly accepted: number
  readonly failed: number
  readonly seconds: number
  /** Milliseconds from request to 202. */
  readonly accept: Latency
  /** Milliseconds from 202 to what was made being readable. */
  readonly visible: Latency
  readonly cpuSeconds: number
}

export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly count: number
}

const headers = { 'content-type': 'application/json' }

const run = async (load: Load): Promise<LoadResult> => {
  const accept: number[] = []
  const visible: number[] = []
  const counts = { sent: 0, failed: 0 }
  const bodies = load.bodies.map((body) => JSON.stringify(body))
  const begun = process.cpuUsage()
  const start = performance.now()
  const end = start + load.seconds * 1000

  const once = async () => {
    const sent = performance.now()
    const body = bodies[counts.sent % bodies.length] ?? ''
    counts.sent += 1
    const observe = counts.sent % Math.max(1, Math.round(1 / load.observed)) === 0
    try {
      const answer = await fetch(`${load.commandUrl}${load.path}`, {
        method: 'POST',
        headers,
        body,
      })
      const { id } = (await answer.json()) as { id: string }
      if (answer.status !== 202) throw new Error(`answered ${answer.status}`)
      const answered = performance.now()
      accept.push(answered - sent)
      if (!observe) return
      const read = await fetch(`${load.queryUrl}${load.path}/${id}?min_version=1`)
      await read.arrayBuffer()
      if (read.ok) visible.push(performance.now() - answered)
    } catch {
      counts.failed += 1
    }
  }

  if (load.rate) await openLoop(load.rate, start, end, once)
  else await Promise.all(Array.from({ length: load.callers ?? 64 }, () => closedLoop(end, once)))
  const used = process.cpuUsage(begun)
  return {
    sent: counts.sent,
    accepted: accept.length,
    failed: counts.failed,
    seconds: (performance.now() - start) / 1000,
    accept: latency(accept),
    visible: latency(visible),
    cpuSeconds: (used.user + used.system) / 1e6,
  }
}

const closedLoop = async (end: number, once: () => Promise<void>) => {
  while (performance.now() < end) await once()
}

const openLoop = async (rate: number, start: number, end: number, once: () => Promise<void>) => {
  const running = new Set<Promise<void>>()
  let sent = 0
  for (let now = start; now < end; now = performance.now()) {
    for (const due = ((now - start) / 1000) * rate; sent < due; sent++) {
      const request = once().finally(() => running.delete(request))
      running.add(request)
    }
    await Bun.sleep(2)
  }
  await Promise.all(running)
}

const latency = (values: readonly number[]): Latency => ({
  p50: percentile(values, 0.5),
  p99: percentile(values, 0.99),
  count: values.length,
})

if (import.meta.main) console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}'))))
