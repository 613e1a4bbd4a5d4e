import { type AdminHttp, path } from './http.ts'
import { namespacePath } from './names.ts'

/** When a topic that nobody uses is deleted. */
export interface InactiveTopics {
  readonly deleteWhileInactive: boolean
  readonly inactiveTopicDeleteMode:
    'delete_when_no_subscriptions' | 'delete_when_subscriptions_caught_up'
  readonly maxInactiveDurationSeconds: number
}

/** What may come and go in a namespace without anybody's order. */
export const lifetimes = (http: AdminHttp) => {
  const post = (namespace: string, policy: string, body: unknown) =>
    http.run({
      method: 'POST',
      path: `namespaces/${namespacePath(namespace)}/${path(policy)}`,
      body,
    })
  return {
    setInactiveTopics: (namespace: string, inactive: InactiveTopics) =>
      post(namespace, 'inactiveTopicPolicies', inactive),
    /** After so many minutes without a consumer; 0: never. */
    setSubscriptionExpiration: (namespace: string, minutes: number) =>
      post(namespace, 'subscriptionExpirationTime', minutes),
    /** Whether producers and consumers may register schemas; without, only `schemas.upload` does. */
    setAutoUpdateSchema: (namespace: string, allowed: boolean) =>
      post(namespace, 'isAllowAutoUpdateSchema', allowed),
  }
}
