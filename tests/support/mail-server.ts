import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface MailServer {
  /** Without a user; `with` puts one in. */
  readonly url: string
  urlFor(user: string): string
  /** The first mail that it has taken, as it came. */
  readonly mail: Promise<string>
  close(): void
}

/** The least of a mail server (RFC 5321). `answer` may say no: it is given each line, and `.` for a whole mail. */
export const mailServer = async (
  answer: (line: string) => string | undefined = () => undefined,
): Promise<MailServer> => {
  const received = Promise.withResolvers<string>()
  const serve = (socket: Socket) => {
    let text = ''
    let inData = false
    const say = (line: string, usual: string) => socket.write(`${answer(line) ?? usual}\r\n`)
    say('', '220 test')
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (!text.endsWith(inData ? '\r\n.\r\n' : '\r\n')) return
      const line = inData ? '.' : text.trimEnd()
      if (inData) received.resolve(text)
      say(line, usualAnswer(line))
      inData = line === 'DATA'
      text = ''
    })
  }
  const server = createServer(serve).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}?from=desk@aeroalpes.test`
  return {
    url: `smtp://${host}`,
    urlFor: (user) => `smtp://${user}:secret@${host}`,
    mail: received.promise,
    close: () => void server.close(),
  }
}

const usualAnswer = (line: string): string => {
  if (line.startsWith('EHLO')) return '250-test\r\n250 AUTH PLAIN'
  if (line === 'DATA') return '354 go on'
  return line === 'QUIT' ? '221 bye' : '250 ok'
}
