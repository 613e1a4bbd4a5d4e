import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needsOwnPulsar } from '../../../tests/support/needs-pulsar.ts'
import { ownPulsar, pulsarStartMs } from '../../../tests/support/pulsar.ts'
import { until } from '../../../tests/support/until.ts'
import { processExists } from '../../runtime/machine.ts'
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

needsOwnPulsar('a Pulsar of our own', () => {
  test(
    'what it has acknowledged survives a kill, an orphan is replaced, and its end leaves nothing',
    async () => {
      const home = join(parent, 'killed')
      const first = await ownPulsar(home)
      await publish(first)
      const joined = await ownPulsar(home)
      expect(joined.url).toBe(first.url)
      await joined.stop()
      expect(first.isRunning()).toBe(true)

      orphan(first.pid)
      await until(() => !first.isRunning())
      expect(processExists(first.pid)).toBe(true)
      const second = await ownPulsar(home)
      await isGone(first.pid)
      expect(second.pid).not.toBe(first.pid)
      expect(await stored(second)).toBe('kept')

      await second.stop()
      await isGone(second.pid)
      expect(second.isRunning()).toBe(false)
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
