import { expect, test } from 'bun:test'
import { PortTaken, serve } from './serve.ts'

const local = { host: '127.0.0.1', port: 0 }

test('a stop lets the request in flight finish and refuses the next', async () => {
  const arrived = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const server = serve({
    ...local,
    async fetch() {
      arrived.resolve()
      await gate.promise
      return new Response('done')
    },
  })
  const answer = fetch(server.url)
  await arrived.promise
  const stopped = server.stop()
  gate.resolve()
  expect(await (await answer).text()).toBe('done')
  await stopped
  await expect(fetch(server.url)).rejects.toThrow()
})

test('a request that outlasts the grace does not hold the stop', async () => {
  const arrived = Promise.withResolvers<void>()
  const server = serve({
    ...local,
    graceMs: 20,
    fetch() {
      arrived.resolve()
      return new Promise<Response>(() => {})
    },
  })
  const answer = fetch(server.url)
  answer.catch(() => 'cut off')
  await arrived.promise
  await server.stop()
  await expect(answer).rejects.toThrow()
})

test('a taken port is an error that names the variable to change', async () => {
  const server = serve({ ...local, fetch: () => new Response() })
  const again = () =>
    serve({ ...local, port: server.port, setting: 'COMMAND_PORT', fetch: () => new Response() })
  expect(again).toThrow(PortTaken)
  expect(again).toThrow(`127.0.0.1:${server.port}`)
  expect(again).toThrow('COMMAND_PORT')
  await server.stop()
})

test('the handler learns who sent the request', async () => {
  const server = serve({ ...local, fetch: (_request, { address }) => new Response(address ?? '') })
  expect(await (await fetch(server.url)).text()).toBe('127.0.0.1')
  await server.stop()
})

test('an address that is none of this machine is refused naming HOST', () => {
  const fetch = () => new Response()
  for (const host of ['999.1.1.1', '192.0.2.1'])
    expect(() => serve({ fetch, host, port: 0, setting: 'COMMAND_PORT' })).toThrow(
      /^cannot listen on .*; set HOST to another one$/,
    )
})
