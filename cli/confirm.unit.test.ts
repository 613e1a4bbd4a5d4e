import { expect, test } from 'bun:test'
import { PassThrough } from 'node:stream'
import { askOn, confirmed } from './confirm.ts'

const terminal = () => Object.assign(new PassThrough(), { isTTY: true as const })
const asStreams = (input: unknown, output: unknown) =>
  askOn(input as NodeJS.ReadStream, output as NodeJS.WriteStream)

const answered = async (typed: string, end = false) => {
  const input = terminal()
  const output = terminal()
  const shown: Buffer[] = []
  output.on('data', (bytes: Buffer) => shown.push(bytes))
  const answer = asStreams(input, output)!('Delete it?')
  if (end) input.end(typed)
  else input.write(typed)
  const yes = await answer
  return { yes, asked: String(Buffer.concat(shown)) }
}

test('the question is asked, and only yes is yes', async () => {
  const { yes, asked } = await answered('y\n')
  expect(yes).toBe(true)
  expect(asked).toContain('Delete it? [y/N] ')
  expect((await answered('Yes\n')).yes).toBe(true)
  expect((await answered('\n')).yes).toBe(false)
  expect((await answered('no\n')).yes).toBe(false)
})

test('the end of the input is no', async () => {
  expect((await answered('', true)).yes).toBe(false)
})

test('without a terminal on both ends nobody is asked', () => {
  expect(asStreams(new PassThrough(), terminal())).toBeUndefined()
  expect(asStreams(terminal(), new PassThrough())).toBeUndefined()
})

test('a change goes on when somebody says yes, or --yes does', async () => {
  await confirmed('delete it', {}, async () => true)
  await confirmed('delete it', { yes: true }, undefined)
})

test('a change that nobody allows is not made', async () => {
  await expect(confirmed('delete it', {}, async () => false)).rejects.toMatchObject({ code: 1 })
  await expect(confirmed('delete it', {}, undefined)).rejects.toMatchObject({
    code: 2,
    message: expect.stringContaining('--yes'),
  })
})
