import { describe } from 'bun:test'
import { beforePulsar, lacksPulsar } from '../../../tests/support/needs-pulsar.ts'
import { needs, prove } from '../../../tests/support/prove-contract.ts'
import { testPulsar, type TestPulsar } from '../../../tests/support/pulsar.ts'
import { newNamespace } from '../../../tests/support/pulsar-admin.ts'
import { pulsarHarness } from '../../../tests/support/pulsar-harness.ts'
import { Misuse } from '../../kernel/fates.ts'
import { pulsarAdmin } from '../../pulsar/admin/admin.ts'
import type { Feature } from '../contract-suite/contract.ts'
import { contracts } from '../contract-suite/contracts.ts'
import { type Addon, loadAddon } from './addon.ts'
import { officialBrokerOf } from './official-broker.ts'

/** Its binary is in the checkout only where somebody has fetched it; see `loadAddon`. */
const addon: Addon | undefined = await loadAddon().catch((error: unknown) => {
  if (error instanceof Misuse) return undefined
  throw error
})
const offered: ReadonlySet<Feature> = new Set<Feature>(['fencing', 'key-shared'])
const kept = contracts.filter(({ needs: all = [] }) => all.every((one) => offered.has(one)))

describe.skipIf(!addon || lacksPulsar())(
  'the official client keeps the contract of the port:',
  () => {
    let pulsar: TestPulsar
    let namespace: string
    if (addon)
      beforePulsar(async () => {
        pulsar = await testPulsar()
        namespace = await newNamespace(pulsarAdmin({ url: pulsar.adminUrl }))
      })

    for (const contract of kept)
      prove(contract, () =>
        pulsarHarness({
          pulsar,
          namespace,
          keyShared: needs(contract, 'key-shared'),
          connect: (options) => officialBrokerOf(addon!, options),
        }),
      )
  },
)
