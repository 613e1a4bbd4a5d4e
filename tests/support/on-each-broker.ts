import { afterAll, beforeAll, describe } from 'bun:test'
import { pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { beforePulsar, lacksPulsar, needsPulsar } from './needs-pulsar.ts'
import { deleteTenant, ownTenant } from './own-tenant.ts'
import { testPulsar } from './pulsar.ts'
import type { Environment } from './system.ts'

/** A broker for one system of a test's own. */
export interface BrokerUnderTest {
  readonly name: 'embedded' | 'pulsar'
  /** What every process of the system is given; known once `before` runs. */
  environment(): Environment
  /** Instead of `beforeAll` and `afterAll`, which a suite that is left out would report. */
  before(prepare: () => Promise<unknown>): void
  after(end: () => Promise<unknown>): void
}

/** Everything in `suite` once on the embedded broker and once on a real Pulsar. */
export const onEachBroker = (suite: (broker: BrokerUnderTest) => void): void => {
  describe('on the embedded broker', () => suite(embeddedBroker()))
  onPulsar(suite)
}

/** Everything in `suite` on a real Pulsar alone. */
export const onPulsar = (suite: (broker: BrokerUnderTest) => void): void =>
  needsPulsar('on Apache Pulsar', () => suite(pulsarTenant()))

export const embeddedBroker = (): BrokerUnderTest => ({
  name: 'embedded',
  // A Pulsar that is there for other suites is none for this system.
  environment: () => ({ PULSAR_URL: '' }),
  before: (prepare) => beforeAll(async () => void (await prepare()), 60_000),
  after: (end) => afterAll(async () => void (await end()), 60_000),
})

/** A tenant of its own, deleted in the end. Four partitions are enough to mix keys, and cheap. */
const pulsarTenant = (): BrokerUnderTest => {
  const tenant = ownTenant()
  let environment: Environment = {}
  beforePulsar(async () => {
    const { url, adminUrl } = await testPulsar()
    environment = {
      PULSAR_URL: url,
      PULSAR_ADMIN_URL: adminUrl,
      PULSAR_TENANT: tenant,
      TOPIC_PARTITIONS: '4',
    }
  })
  return {
    name: 'pulsar',
    environment: () => environment,
    before: (prepare) => beforePulsar(async () => void (await prepare())),
    after(end) {
      if (lacksPulsar()) return
      afterAll(async () => {
        await end()
        await deleteTenant(pulsarAdmin({ url: environment['PULSAR_ADMIN_URL'] ?? '' }), tenant)
      }, 60_000)
    },
  }
}
