import { startPostgres } from '../../shared/embedded/postgres/launcher.ts'

// A process of its own that uses the Postgres of a folder until its input ends or it is killed.
const [dataDir = ''] = process.argv.slice(2)
const { url, stop } = await startPostgres({ dataDir, fsync: false })
console.log(url)
for await (const _ of process.stdin) continue
await stop()
