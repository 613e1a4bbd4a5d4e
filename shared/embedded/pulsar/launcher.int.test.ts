import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needsOwnPulsar } from '../../../tests/support/needs-pulsar.ts'
import { ownPulsar, pulsarStartMs } from '../../../tests/support/pulsar.ts'
import { until } from '../../../tests/support/until.ts'
import { processExists } from '../../runtime/machine.ts'
import type { Ports } from './free-ports.ts'
import type { StandalonePulsar } from './launcher.ts'

const parent = mkdtempSync(join(tmpdir(), 'aero-own-pulsar-'))

afterAll(() => rmSync(parent, { recursive: true, force: true }))

const topic = (pulsar: StandalonePulsar) =>
  `${pulsar.adminUrl}/admin/v2/persistent/public/default/kept`

async function publish(pulsar: StandalonePulsar) {
  const headers = { 'content-type': 'application/json' }
  await fetch(topic(pulsar), { method: 'PUT' })
  const latest = '{"ledgerId":-1,"entryId":-1,"partitionIndex":-1}'
  await fetch(`${topic(pulsar)}/subscription/s`, { method: 'PUT', headers, body: latest })
  const published = await fetch(`${pulsar.adminUrl}/topics/persistent/public/default/kept`, {
    method: 'POST',
    headers,
    body: '{"producerName":"p","valueSchema":"","messages":[{"payload":"kept"}]}',
  })
  expect(published.status).toBe(200)
}

const stored = async (pulsar: StandalonePulsar) =>
  (await fetch(`${topic(pulsar)}/subscription/s/position/1`)).text()

/** Id of the group of a process, which the keeper leads. */
const groupOf = (pid: number) =>
  Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2])

/** Kills all of the keeper and leaves Pulsar alone. */
function orphan(pid: number) {
  const group = groupOf(pid)
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || name === String(pid)) continue
    try {
      if (groupOf(Number(name)) === group) process.kill(Number(name), 'SIGKILL')
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
}

const isGone = (pid: number) => until(() => !processExists(pid), 30_000)

/** Whether Java has a handler of its own for SIGTERM, and so stops cleanly. */
const hearsTerm = (pid: number) => {
  const [, caught = '0'] =
    /^SigCgt:\s+(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (BigInt(`0x${caught}`) & (1n << 14n)) !== 0n
}

/** The addresses that somebody listens on at a port, as Linux writes them: 0100007F is 127.0.0.1. */
const listening = (port: number) => {
  const tcp = readFileSync('/proc/net/tcp', 'utf8') + readFileSync('/proc/net/tcp6', 'utf8')
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return [...tcp.matchAll(new RegExp(` ([0-9A-F]+):${hex} [0-9A-F]+:0000 0A`, 'g'))].map(
    ([, address]) => address,
  )
}

needsOwnPulsar('a Pulsar of our own', () => {
  test(
    'what it has acknowledged is there after a kill and a stop, an orphan is replaced, and its end leaves nothing',
    async () => {
      const home = join(parent, 'killed')
      const first = await ownPulsar(home, { discard: false })
      await publish(first)
      expect(hearsTerm(first.pid)).toBe(true)
      const ports = JSON.parse(readFileSync(join(home, 'address.json'), 'utf8')) as Ports
      for (const port of [ports.broker, ports.web, ports.bookie]) {
        expect(listening(port)).toEqual(['0100007F'])
      }

      const joined = await ownPulsar(home, { discard: false })
      expect(joined.url).toBe(first.url)
      await joined.stop()
      expect(first.isRunning()).toBe(true)

      orphan(first.pid)
      await until(() => !first.isRunning())
      expect(processExists(first.pid)).toBe(true)
      const second = await ownPulsar(home, { discard: false })
      await isGone(first.pid)
      expect(second.pid).not.toBe(first.pid)
      expect(await stored(second)).toBe('kept')

      const stopping = second.stop()
      const third = await ownPulsar(home)
      await stopping
      expect(processExists(second.pid)).toBe(false)
      expect(await stored(third)).toBe('kept')

      await third.stop()
      expect(processExists(third.pid)).toBe(false)
      expect(third.isRunning()).toBe(false)
      await until(() => !readdirSync(parent).includes('killed'))
    },
    pulsarStartMs,
  )

  test('a port that is taken is an error that names it', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => squatter.once('listening', resolve))
    const { port } = squatter.address() as { port: number }
    const home = join(parent, 'taken')
    await expect(ownPulsar(home, { port })).rejects.toThrow(`port ${port} is taken`)
    await expect(ownPulsar(home, { webPort: port })).rejects.toThrow('--web-port')
    squatter.close()
  })

  test('a Java that ends at once is an error with what it said', async () => {
    const home = join(parent, 'no-jars')
    await expect(ownPulsar(home, { lib: parent, discard: false })).rejects.toThrow(
      /did not start.*PulsarStandaloneStarter/s,
    )
  })

  test(
    'whoever no longer wants it while it starts gets no Pulsar',
    async () => {
      const home = join(parent, 'unwanted')
      const asked = new AbortController()
      const starting = ownPulsar(home, { signal: asked.signal, discard: false })
      const pid = await until(() => {
        const found = readdirSync(parent).includes('unwanted') && readdirSync(home)
        return (
          found &&
          found.includes('pulsar.pid') &&
          Number(readFileSync(join(home, 'pulsar.pid'), 'utf8'))
        )
      }, 60_000)
      asked.abort(new Error('not wanted any more'))
      await expect(starting).rejects.toThrow('not wanted any more')
      expect(processExists(pid as number)).toBe(false)
    },
    pulsarStartMs,
  )
})
