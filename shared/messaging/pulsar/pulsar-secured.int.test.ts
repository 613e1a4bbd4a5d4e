import { beforePulsar, needsOwnPulsar } from '../../../tests/support/needs-pulsar.ts'
import { needs, prove } from '../../../tests/support/prove-contract.ts'
import { type SecuredPulsar, securedPulsar } from '../../../tests/support/pulsar.ts'
import { newNamespace } from '../../../tests/support/pulsar-admin.ts'
import { pulsarHarness } from '../../../tests/support/pulsar-harness.ts'
import { pulsarAdmin } from '../../pulsar/admin/admin.ts'
import { fetchTrusting } from '../../runtime/trusting-fetch.ts'
import { contracts } from '../contract-suite/contracts.ts'

needsOwnPulsar('a secured Pulsar keeps the contract of the port:', () => {
  let pulsar: SecuredPulsar
  let namespace: string
  beforePulsar(async () => {
    pulsar = await securedPulsar()
    const { adminUrl: url, adminToken: token, authority } = pulsar
    namespace = await newNamespace(pulsarAdmin({ url, token, fetch: fetchTrusting(authority) }))
  }, true)

  for (const contract of contracts.filter((one) => needs(one, 'auth')))
    prove(contract, () =>
      pulsarHarness({
        pulsar,
        namespace,
        keyShared: false,
        token: pulsar.adminToken,
        tlsCa: pulsar.authority,
      }),
    )
})
