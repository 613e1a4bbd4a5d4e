import { beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { needs, prove } from '../../../tests/support/prove-contract.ts'
import { testPulsar, type TestPulsar } from '../../../tests/support/pulsar.ts'
import { newNamespace } from '../../../tests/support/pulsar-admin.ts'
import { pulsarHarness } from '../../../tests/support/pulsar-harness.ts'
import { pulsarAdmin } from '../../pulsar/admin/admin.ts'
import type { Feature } from '../contract-suite/contract.ts'
import { contracts } from '../contract-suite/contracts.ts'

const offered: ReadonlySet<Feature> = new Set<Feature>([
  'delay',
  'processes',
  'fencing',
  'handover',
  'key-shared',
  'receipts',
  'end',
])
const kept = contracts.filter(({ needs: all = [] }) => all.every((one) => offered.has(one)))

needsPulsar('Pulsar keeps the contract of the port:', () => {
  let pulsar: TestPulsar
  let namespace: string
  beforePulsar(async () => {
    pulsar = await testPulsar()
    namespace = await newNamespace(pulsarAdmin({ url: pulsar.adminUrl }))
  })

  // What the system publishes has batches of many keys, so the other contracts are shown with those.
  for (const contract of kept)
    prove(contract, () =>
      pulsarHarness({ pulsar, namespace, keyShared: needs(contract, 'key-shared') }),
    )
})
