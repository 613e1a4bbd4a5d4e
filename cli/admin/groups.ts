import type { Verbs } from './verb.ts'

interface Group {
  readonly description: string
  readonly load: () => Promise<Verbs>
}

/** The groups that `./aero` has in common with pulsar-admin. None is loaded before it is asked for. */
export const adminGroups = {
  tenants: {
    description: "Pulsar's tenants",
    load: async () => (await import('./tenants.verbs.ts')).tenants,
  },
  namespaces: {
    description: "Pulsar's namespaces and their policies",
    load: async () => (await import('./namespaces.verbs.ts')).namespaces,
  },
  topics: {
    description: "Pulsar's topics, with what waits in them",
    load: async () => (await import('./topics.verbs.ts')).topics,
  },
  subscriptions: {
    description: 'the subscriptions of a topic',
    load: async () => (await import('./subscriptions.verbs.ts')).subscriptions,
  },
  schemas: {
    description: 'the schemas of topics',
    load: async () => (await import('./schemas.verbs.ts')).schemas,
  },
  brokers: {
    description: "Pulsar's brokers",
    load: async () => (await import('./brokers.verbs.ts')).brokers,
  },
  tokens: {
    description: 'tokens (JWT) for Pulsar, and their keys',
    load: async () => (await import('./tokens.verbs.ts')).tokens,
  },
} satisfies Record<string, Group>

export type GroupName = keyof typeof adminGroups
