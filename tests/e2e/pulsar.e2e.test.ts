import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processExists } from '../../shared/runtime/machine.ts'
import { checkout } from '../../shared/runtime/home.ts'
import { needsOwnPulsar } from '../support/needs-pulsar.ts'
import { pulsarStartMs } from '../support/pulsar.ts'
import { until } from '../support/until.ts'

const home = mkdtempSync(join(tmpdir(), 'aero-pulsar-command-'))
const children = new Set<Bun.Subprocess>()

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

/** `./aero pulsar` as a process, with what it has said so far. */
function command(words: readonly string[], environment: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, join(checkout, 'main.ts'), 'pulsar', ...words], {
    env: { ...process.env, AERO_HOME: home, ...environment },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  children.add(child)
  const said = { out: '', err: '' }
  const listen = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>, into: 'out' | 'err') => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) said[into] += text
  }
  const heard = Promise.all([listen(child.stdout, 'out'), listen(child.stderr, 'err')])
  const ended = async () => {
    await heard
    return { code: await child.exited, ...said }
  }
  return { child, said, ended }
}

type Command = ReturnType<typeof command>

const anyPorts = ['--port', '0', '--web-port', '0']
const pidFile = join(home, 'pulsar', 'pulsar.pid')
const pidOfPulsar = () => Number(readFileSync(pidFile, 'utf8'))
const isStarting = () => existsSync(pidFile) && pidOfPulsar() > 0
const isGone = (pid: number) => until(() => !processExists(pid), 30_000)

needsOwnPulsar('./aero pulsar', () => {
  test(
    'it says in one line where it is, is alone on its data, and leaves no Java behind when killed',
    async () => {
      const first = command([...anyPorts, '--clean'])
      await until(() => first.said.out.includes('\n'), pulsarStartMs)
      expect(first.said.out).toMatch(
        /^Pulsar [\d.]+ is ready: pulsar:\/\/127\.0\.0\.1:\d+, admin http:\/\/127\.0\.0\.1:\d+\n$/,
      )
      const [, admin = ''] = /admin (\S+)/.exec(first.said.out) ?? []
      expect(await (await fetch(`${admin}/admin/v2/brokers/health`)).text()).toBe('ok')

      const second = await command(anyPorts).ended()
      expect(second).toMatchObject({ code: 4, out: '' })
      expect(second.err).toContain(
        `runs already from ${home}/pulsar, as process ${first.child.pid}`,
      )

      const pid = pidOfPulsar()
      first.child.kill('SIGKILL')
      expect(await isGone(pid)).toBe(true)
    },
    pulsarStartMs,
  )

  test.each([
    ['while it runs', ({ said }: Command) => said.out.includes('ready')],
    ['while it starts', () => isStarting()],
  ])(
    'whoever stops it %s gets exit code 0 and no Java that runs on',
    async (_, moment) => {
      const started = command(anyPorts)
      await until(() => moment(started), pulsarStartMs)
      const pid = pidOfPulsar()
      started.child.kill('SIGTERM')
      expect(await started.ended()).toMatchObject({ code: 0 })
      expect(processExists(pid)).toBe(false)
    },
    pulsarStartMs,
  )

  test(
    'a port that is taken is exit code 1 and named',
    async () => {
      const squatter = createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => squatter.once('listening', resolve))
      const { port } = squatter.address() as { port: number }
      const { code, err } = await command(['--port', String(port)]).ended()
      expect(code).toBe(1)
      expect(err).toContain(`port ${port} is taken`)
      squatter.close()
    },
    pulsarStartMs,
  )
})

test('a port that is none is a mistake of usage', async () => {
  const { code, err } = await command(['--web-port', '65536']).ended()
  expect(code).toBe(2)
  expect(err).toContain('from 0 (any free one) to 65535')
})

test('without Java and Maven it says what is missing', async () => {
  const { code, err } = await command([], { PATH: '/nowhere', JAVA_HOME: '' }).ended()
  expect(code).toBe(1)
  expect(err).toContain('Java 17 or later and Maven')
})
