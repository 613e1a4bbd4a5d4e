import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { reservationBody } from '../support/bodies.ts'
import { denoCommand } from '../support/deno.ts'
import { start, temporaryHome } from '../support/system.ts'

test('the whole system runs on Deno: a command is carried out, read, and the process drains', async () => {
  const home = temporaryHome()
  const until = ['commandUrl', 'queryUrl', 'tutorialUrl'] as const
  const system = await start(['up'], {
    home: home.folder,
    until,
    runtime: await denoCommand(),
    env: { DENO_DIR: join(home.folder, 'deno'), DENO_NO_UPDATE_CHECK: '1' },
  })
  try {
    const sent = await fetch(`${system.commandUrl}/reservations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(reservationBody),
    })
    expect(sent.status).toBe(202)
    const { href, status_url } = (await sent.json()) as { href: string; status_url: string }
    const receipt = await fetch(`${status_url}&wait=10`)
    expect(await receipt.json()).toMatchObject({ status: 'completed', version: 1 })
    const read = await fetch(`${href}?min_version=1`)
    expect(await read.json()).toMatchObject({ status: 'PENDING', route: 'BOG-JFK' })
  } finally {
    expect(await system.stop()).toBe(0)
    home.remove()
  }
}, 60_000)
