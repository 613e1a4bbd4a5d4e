import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startPostgres } from '../../shared/embedded/postgres/launcher.ts'
import {
  allSets,
  migrate,
  migrationsFolder,
  type MigrationSet,
} from '../../shared/postgres/migrate.ts'

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

let cluster: Promise<string> | undefined

/**
 * The Postgres of this test run: the first process of the run starts it, it ends with the last
 * one, killed or not. A runner that starts several `bun test` names the run in
 * AERO_TEST_CLUSTER; workers of one `bun test --parallel` share by themselves.
 */
function testCluster(): Promise<string> {
  const run =
    process.env.AERO_TEST_CLUSTER ?? (process.env.BUN_TEST_WORKER_ID ? process.ppid : process.pid)
  cluster ??= startPostgres({
    dataDir: join(tmpdir(), `aero-test-${run}`),
    fsync: false,
    discard: true,
  }).then((started) => started.url)
  return cluster
}

/** A fresh database with the given migration sets applied (all, unless said otherwise). */
export async function testDatabase(sets: readonly MigrationSet[] = allSets): Promise<TestDatabase> {
  const url = await testCluster()
  const name = `t_${randomUUID().replaceAll('-', '')}`
  await withClient(url, async (sql) => {
    const template = await migratedTemplate(sql, url, sets)
    await sql.unsafe(`CREATE DATABASE ${name} TEMPLATE ${template}`)
  })
  return {
    url: databaseUrl(url, name),
    drop: () =>
      withClient(
        url,
        async (sql) => void (await sql.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
      ),
  }
}

async function migratedTemplate(
  sql: postgres.Sql,
  url: string,
  sets: readonly MigrationSet[],
): Promise<string> {
  const name = `migrated_${fingerprint(sets)}`
  const exists = () => sql`SELECT 1 FROM pg_database WHERE datname = ${name}`
  if ((await exists()).length > 0) return name
  await sql`SELECT pg_advisory_lock(1)`
  try {
    if ((await exists()).length > 0) return name
    await sql.unsafe(`DROP DATABASE IF EXISTS draft WITH (FORCE)`)
    await sql.unsafe('CREATE DATABASE draft')
    await migrate(databaseUrl(url, 'draft'), sets)
    await sql.unsafe(`ALTER DATABASE draft RENAME TO ${name}`)
  } finally {
    await sql`SELECT pg_advisory_unlock(1)`
  }
  return name
}

// A migration added while the cluster lives makes a new template.
function fingerprint(sets: readonly MigrationSet[]): string {
  const hash = createHash('sha256')
  for (const set of sets) {
    const folder = join(migrationsFolder, set)
    const files = existsSync(folder) ? readdirSync(folder) : []
    hash.update(set)
    for (const file of files.filter((name) => name.endsWith('.sql')).sort()) {
      hash.update(readFileSync(join(folder, file)))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

function databaseUrl(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

async function withClient<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}
