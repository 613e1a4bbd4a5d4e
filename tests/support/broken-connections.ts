import { createServer, connect } from 'node:net'
import { openDatabase } from '../../shared/postgres/database.ts'

// A process behind a proxy that ends each of its first connections at its first statement, in the
// words of a server that is stopped.
const fields = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mthe server is stopped\0\0')
const fatal = Buffer.concat([Buffer.from('E\0\0\0\0'), fields])
fatal.writeUInt32BE(fields.length + 4, 1)

const [url = ''] = process.argv.slice(2)
const target = new URL(url)
const { port, hostname } = target
let cuts = 5
const proxy = createServer((client) => {
  const server = connect(Number(port), hostname)
  const cutting = cuts-- > 0
  const drop = () => {
    client.destroy()
    server.destroy()
  }
  // The server is ready for statements when its answer to the startup ends with ReadyForQuery.
  let ready = false
  server.on('data', (data) => {
    ready ||= data.toString('latin1').includes('Z\0\0\0\x05I')
    client.write(data)
  })
  client.on('data', (data) => {
    if (cutting && ready) client.end(fatal)
    else server.write(data)
  })
  for (const socket of [client, server]) socket.on('error', drop).on('close', drop)
})
await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
const address = proxy.address()
if (typeof address === 'object' && address) target.port = String(address.port)

const database = openDatabase(target.href, { name: 'broken', max: 2 })
for (let working = false; !working;)
  working = await database.query('SELECT 1').then(
    () => true,
    () => false,
  )
await database.transaction((transaction) => transaction.query('SELECT 1'))
console.log('still here')
process.exit(0)
