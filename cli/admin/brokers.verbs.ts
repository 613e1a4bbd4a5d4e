import { Exit } from '../exit.ts'
import { needed, optional } from './parameter.ts'
import { name } from './values.ts'
import { verb, type Verbs } from './verb.ts'

const cluster = optional('[cluster]', 'name of a cluster; without, the one that answers', name)

const unhealthy =
  'the broker does not answer, or says that it is not healthy; ./aero config shows where it is asked'

export const brokers: Verbs = {
  list: verb({
    summary: 'the brokers of a cluster',
    parameters: { cluster },
    call: (admin, input) => admin.brokers.list(input.cluster),
  }),
  healthcheck: verb({
    summary: 'whether a broker can store and read a message; exit code 1 if not',
    parameters: {},
    call: async (admin) => {
      if (await admin.brokers.isHealthy()) return 'ok'
      throw new Exit('failed', unhealthy)
    },
  }),
  version: verb({
    summary: 'which Pulsar it is',
    parameters: {},
    call: (admin) => admin.brokers.version(),
  }),
  clusters: verb({
    summary: 'names of all clusters',
    parameters: {},
    call: (admin) => admin.brokers.clusters(),
  }),
  'leader-broker': verb({
    summary: 'the broker that balances the load',
    parameters: {},
    call: (admin) => admin.brokers.leader(),
  }),
  namespaces: verb({
    summary: 'the bundles of namespaces that a broker serves',
    parameters: {
      cluster: needed('<cluster>', 'name of a cluster', name),
      broker: needed('-u, --url <broker>', 'host:port, as list names it', name),
    },
    call: (admin, input) => admin.brokers.namespaces(input.cluster, input.broker),
  }),
  'get-runtime-config': verb({
    summary: 'the settings in force',
    parameters: {},
    call: (admin) => admin.brokers.runtimeConfig(),
  }),
  'list-dynamic-config': verb({
    summary: 'names of the settings that can be changed while brokers run',
    parameters: {},
    call: (admin) => admin.brokers.dynamicSettings(),
  }),
  'get-all-dynamic-config': verb({
    summary: 'settings that were changed while brokers run',
    parameters: {},
    call: (admin) => admin.brokers.dynamicConfig(),
  }),
}
