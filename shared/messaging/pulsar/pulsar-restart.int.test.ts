import { afterAll } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforePulsar, needsOwnPulsar } from '../../../tests/support/needs-pulsar.ts'
import { needs, prove } from '../../../tests/support/prove-contract.ts'
import { ownPulsar } from '../../../tests/support/pulsar.ts'
import { newNamespace } from '../../../tests/support/pulsar-admin.ts'
import { pulsarHarness } from '../../../tests/support/pulsar-harness.ts'
import { until } from '../../../tests/support/until.ts'
import type { StandalonePulsar } from '../../embedded/pulsar/launcher.ts'
import { pulsarAdmin } from '../../pulsar/admin/admin.ts'
import { contracts } from '../contract-suite/contracts.ts'

const kept = contracts.filter((one) => needs(one, 'restart') || needs(one, 'census'))

needsOwnPulsar('a Pulsar of our own keeps the contract of the port:', () => {
  const home = mkdtempSync(join(tmpdir(), 'aero-restart-pulsar-'))
  let pulsar: StandalonePulsar
  let namespace: string
  beforePulsar(async () => {
    pulsar = await ownPulsar(home, { discard: false })
    namespace = await newNamespace(pulsarAdmin({ url: pulsar.adminUrl }))
  }, true)
  afterAll(async () => {
    await pulsar?.stop()
    rmSync(home, { recursive: true, force: true })
  })

  const kill = async () => {
    process.kill(pulsar.pid, 'SIGKILL')
    await until(() => !pulsar.isRunning())
  }
  const start = async () => {
    const [port, webPort] = [pulsar.url, pulsar.adminUrl].map((url) => Number(new URL(url).port))
    pulsar = await ownPulsar(home, { discard: false, port: port ?? 0, webPort: webPort ?? 0 })
  }
  for (const contract of kept)
    prove(contract, () =>
      pulsarHarness({
        pulsar,
        namespace,
        keyShared: needs(contract, 'key-shared'),
        kill,
        start,
      }),
    )
})
