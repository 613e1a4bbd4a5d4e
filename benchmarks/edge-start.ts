import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readyTopology } from '../cli/ready-topology.ts'
import { pulsarAdmin } from '../shared/pulsar/admin/admin.ts'
import { checkout } from '../shared/runtime/home.ts'
import { readSettings } from '../shared/runtime/settings.ts'
import { reservationBody } from '../tests/support/bodies.ts'
import { deleteTenant, ownTenant } from '../tests/support/own-tenant.ts'
import { ownPulsar } from '../tests/support/pulsar.ts'
import { freePorts } from '../tests/support/system.ts'
import { percentile } from './probe.ts'
import { saveResults } from './results.ts'

interface Start {
  /** Milliseconds from the start of the process to its first 202. */
  readonly first202: number
  /** Resident memory then, and the most while commands came at a steady rate, in MB. */
  readonly residentMB: number
  readonly busyMB: number
}

const starts = 7
const load = { perSecond: 50, seconds: 5 }
const body = JSON.stringify(reservationBody)

/**
 * Starts `./aero run command-api` on Pulsar alone, again and again: how long it takes to the first 202,
 * and how much memory it needs. On the Pulsar of PULSAR_URL, else on one of its own.
 */
export const runEdgeStart = async (): Promise<number> => {
  const home = mkdtempSync(join(tmpdir(), 'aero-bench-edge-'))
  const pulsar = await pulsarHere(home)
  const tenant = ownTenant()
  const environment = {
    PULSAR_URL: pulsar.url,
    PULSAR_ADMIN_URL: pulsar.adminUrl,
    PULSAR_TENANT: tenant,
    DATABASE_URL: '',
    AERO_HOME: join(home, 'aero'),
    LOG_LEVEL: 'warn',
  }
  try {
    const { settings } = readSettings({ ...environment, TOPOLOGY: 'apply' })
    await readyTopology(settings, [])
    const measured: Start[] = []
    for (let n = 0; n < starts; n++) measured.push(await startOnce(environment))
    show(measured)
    saveResults({ edgeStart: measured })
    return 0
  } finally {
    await deleteTenant(pulsarAdmin({ url: pulsar.adminUrl }), tenant)
    await pulsar.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

const pulsarHere = async (home: string) => {
  const { PULSAR_URL: url, PULSAR_ADMIN_URL: adminUrl } = process.env
  if (url && adminUrl) return { url, adminUrl, stop: async () => {} }
  return ownPulsar(join(home, 'pulsar'), { briefly: false })
}

const startOnce = async (environment: Readonly<Record<string, string>>): Promise<Start> => {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}/reservations`
  const began = performance.now()
  const child = Bun.spawn([process.execPath, 'main.ts', 'run', 'command-api'], {
    cwd: checkout,
    env: { ...process.env, ...environment, COMMAND_PORT: String(port) },
    stdout: 'ignore',
    stderr: 'inherit',
  })
  try {
    while ((await post(url)) !== 202) {
      if (child.exitCode !== null) throw new Error('the command-api has ended')
      await Bun.sleep(1)
    }
    const first202 = performance.now() - began
    const residentMB = resident(child.pid)
    return { first202, residentMB, busyMB: await mostWhileBusy(url, child.pid) }
  } finally {
    child.kill('SIGTERM')
    await child.exited
  }
}

const post = async (url: string): Promise<number | undefined> => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined)
  await answer?.arrayBuffer()
  return answer?.status
}

const mostWhileBusy = async (url: string, pid: number): Promise<number> => {
  let most = 0
  for (let n = 0; n < load.perSecond * load.seconds; n++) {
    await Promise.all([post(url), Bun.sleep(1000 / load.perSecond)])
    most = Math.max(most, resident(pid))
  }
  return most
}

const resident = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6
}

const show = (measured: readonly Start[]): void => {
  const line = (what: string, unit: string, value: (start: Start) => number) => {
    const values = measured.map(value)
    const shown = [0, 0.5, 1].map((share) => percentile(values, share).toFixed(0))
    console.log(`${what}: least ${shown[0]}, median ${shown[1]}, most ${shown[2]} ${unit}`)
  }
  console.log(`${measured.length} starts of a command-api without a database`)
  line('start to first 202', 'ms', ({ first202 }) => first202)
  line('resident then', 'MB', ({ residentMB }) => residentMB)
  line(`resident at ${load.perSecond} commands/s`, 'MB', ({ busyMB }) => busyMB)
}
