import { expect, test } from 'bun:test'
import { createLogger } from './logger.ts'

const logged = (write: (logger: ReturnType<typeof createLogger>) => void) => {
  const lines: string[] = []
  write(
    createLogger({
      level: 'info',
      name: 'test',
      destination: { write: (line) => void lines.push(line) },
    }),
  )
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('a line is one JSON object with level, ISO time and name', () => {
  const [line] = logged((logger) => logger.info({ status: 200 }, 'hello'))
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    name: 'test',
    status: 200,
    msg: 'hello',
  })
})

test('secrets and personal data are redacted, at the top and one level down', () => {
  const lines = logged((logger) =>
    logger.info({ password: 'p4ss', ticket: 't1', user: { email: 'a@b.c', id: 7 } }),
  )
  expect(JSON.stringify(lines)).not.toMatch(/p4ss|t1"|a@b\.c/)
  expect(lines[0]).toMatchObject({ user: { id: 7 } })
})

test('the message of an error stands there once, and the stack names its cause', () => {
  const error = new Error('broker away: refused', { cause: new Error('refused') })
  const [line] = logged((logger) => logger.warn({ err: error }))
  expect(line?.['err']).toMatchObject({
    message: 'broker away: refused',
    stack: expect.stringContaining('caused by: Error: refused'),
  })
})

test('an error keeps its code and stack', () => {
  const error = Object.assign(new Error('busy'), { code: '55P03' })
  const [line] = logged((logger) => logger.warn({ err: error }))
  expect(line?.['err']).toMatchObject({ code: '55P03', message: 'busy', stack: expect.any(String) })
})

test('lines below the level are not written', () => {
  expect(logged((logger) => logger.debug('x'))).toEqual([])
})
