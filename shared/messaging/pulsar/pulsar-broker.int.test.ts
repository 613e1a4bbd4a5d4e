import { test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { testPulsar, type TestPulsar } from '../../../tests/support/pulsar.ts'
import { newNamespace } from '../../../tests/support/pulsar-admin.ts'
import { pulsarHarness } from '../../../tests/support/pulsar-harness.ts'
import { pulsarAdmin } from '../../pulsar/admin/admin.ts'
import type { Contract, Feature } from '../contract-suite/contract.ts'
import { contracts } from '../contract-suite/contracts.ts'

const offered: ReadonlySet<Feature> = new Set<Feature>(['delay', 'processes', 'fencing'])
const needs = ({ needs: all = [] }: Contract, feature: Feature) => all.includes(feature)

needsPulsar('Pulsar keeps the contract of the port:', () => {
  let pulsar: TestPulsar
  let namespace: string
  beforePulsar(async () => {
    pulsar = await testPulsar()
    namespace = await newNamespace(pulsarAdmin({ url: pulsar.adminUrl }))
  })

  const prove = (contract: Contract, keyShared: boolean) =>
    test(
      contract.title,
      async () => {
        const harness = pulsarHarness({ pulsar, namespace, keyShared })
        try {
          await contract.prove(harness)
        } finally {
          await harness.cleanUp()
        }
      },
      contract.timeoutMs ?? 10_000,
    )

  for (const contract of contracts) {
    const { needs: all = [] } = contract
    const keyShared = needs(contract, 'key-shared')
    if (all.every((feature) => offered.has(feature) || feature === 'key-shared'))
      prove(contract, keyShared)
  }
})
