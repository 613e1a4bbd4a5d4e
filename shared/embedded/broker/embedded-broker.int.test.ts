import { afterAll, beforeAll, describe } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedHarness, type Power } from '../../../tests/support/broker-harness.ts'
import { type Gate, openGate } from '../../../tests/support/gate.ts'
import { needs, prove } from '../../../tests/support/prove-contract.ts'
import { testDatabase, type TestDatabase } from '../../../tests/support/postgres.ts'
import type { Feature } from '../../messaging/contract-suite/contract.ts'
import { contracts } from '../../messaging/contract-suite/contracts.ts'
import { migrate } from '../../postgres/migrate.ts'
import { processExists } from '../../runtime/machine.ts'
import { type EmbeddedPostgres, startPostgres } from '../postgres/launcher.ts'
import { until } from '../../../tests/support/until.ts'

const offered: ReadonlySet<Feature> = new Set<Feature>([
  'delay',
  'restart',
  'processes',
  'census',
  'key-shared',
  'exact-backlog',
  'handover',
  'receipts',
  'end',
])
const kept = contracts.filter(({ needs: all = [] }) => all.every((one) => offered.has(one)))

describe('the embedded broker keeps the contract of the port:', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase(['broker'])
  })
  afterAll(() => database.drop())
  const none = async () => {}
  for (const contract of kept.filter((one) => !needs(one, 'restart')))
    prove(contract, () => embeddedHarness(database.url, { kill: none, start: none }))
})

describe('the embedded broker keeps the contract of the port when its Postgres is killed:', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aero-broker-'))
  let postgres: EmbeddedPostgres
  let gate: Gate
  // Postgres comes back by itself; behind the gate it is away until the contract says so.
  const power: Power = {
    async kill() {
      // Restarted by its keeper a moment ago, it has another pid than the one it was joined under.
      await until(async () => {
        if (processExists(postgres.pid)) return true
        postgres = await startPostgres({ dataDir: folder })
        return false
      })
      process.kill(postgres.pid, 'SIGKILL')
      await gate.shut()
    },
    async start() {
      postgres = await startPostgres({ dataDir: folder })
      await gate.open()
    },
  }
  beforeAll(async () => {
    postgres = await startPostgres({ dataDir: folder })
    await migrate(postgres.url, ['broker'])
    gate = await openGate(postgres.url)
  }, 30_000)
  afterAll(async () => {
    await gate.shut()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const contract of kept.filter((one) => needs(one, 'restart')))
    prove(contract, () => embeddedHarness(gate.url, power))
})
