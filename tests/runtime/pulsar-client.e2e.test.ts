import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { type PulsarAdmin, pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { checkout } from '../../shared/runtime/home.ts'
import { denoCommand } from '../support/deno.ts'
import { needsPulsar } from '../support/needs-pulsar.ts'
import { nodeCommand } from '../support/node.ts'
import { pulsarStartMs, type TestPulsar, testPulsar } from '../support/pulsar.ts'
import { newNamespace } from '../support/pulsar-admin.ts'
import { madeOnce, type TestKeys } from '../support/pulsar-keys.ts'
import type { Smoke, SmokeAnswer } from './pulsar-smoke.ts'

const runtimes: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  Bun: () => Promise.resolve([process.execPath, 'run']),
  Deno: denoCommand,
  Node: nodeCommand,
}

/** Answers whoever trusts it, but not in Pulsar's protocol. */
const otherProtocol = async (paths: { readonly key: string; readonly certificate: string }) => {
  const [key, cert] = [paths.key, paths.certificate].map((path) => readFileSync(path, 'utf8'))
  const server = createServer({ key: key ?? '', cert: cert ?? '' }, (socket) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 400 Bad Request\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return server
}

needsPulsar('the Pulsar client on other runtimes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aero-runtimes-'))
  let pulsar: TestPulsar
  let admin: PulsarAdmin
  let keys: TestKeys
  let servers: readonly Server[]

  beforeAll(async () => {
    pulsar = await testPulsar()
    admin = pulsarAdmin({ url: pulsar.adminUrl })
    keys = madeOnce(join(folder, 'keys'))
    servers = await Promise.all([keys.files, keys.elsewhere].map(otherProtocol))
  }, pulsarStartMs)

  afterAll(() => {
    for (const server of servers ?? []) server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The last line it prints. */
  const run = async (command: readonly string[], file: string, words: readonly string[]) => {
    const child = Bun.spawn([...command, file, ...words], {
      cwd: folder,
      env: { ...process.env, DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1' },
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ])
    if ((await child.exited) !== 0) throw new Error(`${command[0]}: ${err}${out}`)
    return out.trimEnd().split('\n').at(-1) ?? ''
  }

  /** The first example of its README, with the address of this checkout and of this Pulsar. */
  const example = (topic: string) => {
    const readme = readFileSync(join(checkout, 'shared/pulsar/README.md'), 'utf8')
    const [, code = ''] = /```ts\n(.*?)```/s.exec(readme) ?? []
    const file = join(folder, 'example.ts')
    const here = code
      .replace('./shared/pulsar/', `${checkout}/shared/pulsar/`)
      .replace('pulsar://127.0.0.1:6650', pulsar.url)
      .replace('persistent://public/default/hello', topic)
    writeFileSync(file, here)
    return file
  }

  for (const [runtime, commandOf] of Object.entries(runtimes)) {
    test(`on ${runtime} the example of its README works as pasted`, async () => {
      const topic = `persistent://${await newNamespace(admin)}/hello`
      expect(await run(await commandOf(), example(topic), [])).toBe('hello a')
    }, 120_000)

    test(`on ${runtime} it compresses, cuts to pieces, survives cut connections and trusts nobody else`, async () => {
      const namespace = await newNamespace(admin)
      await admin.namespaces.setDeduplication(namespace, true)
      const tlsPorts = servers.map((server) => (server.address() as AddressInfo).port)
      const { authority } = keys
      const told: Smoke = { serviceUrl: pulsar.url, namespace, tlsPorts, authority }
      const file = join(import.meta.dirname, 'pulsar-smoke.ts')
      const said = await run(await commandOf(), file, [JSON.stringify(told)])
      const answer = JSON.parse(said) as SmokeAnswer
      const codecs = ['None', 'LZ4', 'Zlib', 'ZSTD', 'SNAPPY']
      expect(answer.compressed).toEqual(codecs.flatMap((codec) => [codec, codec]))
      expect(answer.chunked).toBe(true)
      expect(answer.afterCuts).toEqual([...Array(300).keys()])
      expect(answer.tls).toEqual(['protocol', 'certificate', 'certificate', 'protocol', 'protocol'])
    }, 120_000)
  }
})
