import { type AdminHttp, path } from './http.ts'
import { topicPaths } from './names.ts'
import type { BacklogQuota, BacklogQuotaType, Retention } from './namespaces.ts'

/** Delivery after a delay is kept in steps of `tickTime` milliseconds. */
export interface DelayedDelivery {
  readonly active: boolean
  readonly tickTime: number
}

interface TopicPolicies {
  readonly retention: Retention
  readonly backlogQuotaMap: Readonly<Partial<Record<BacklogQuotaType, BacklogQuota>>>
}

/** Policies of one topic win over those of its namespace; they take effect a moment later. */
export const topicPolicies = (http: AdminHttp) => {
  const at = (topic: string, policy: string) => `${topicPaths(topic).full}/${path(policy)}`
  return {
    /** Undefined where that of the namespace holds. */
    policy: <Name extends keyof TopicPolicies>(topic: string, name: Name) =>
      http.maybe<TopicPolicies[Name]>({ method: 'GET', path: at(topic, name) }),
    setRetention: (topic: string, retention: Retention) =>
      http.run({ method: 'POST', path: at(topic, 'retention'), body: retention }),
    removeRetention: (topic: string) =>
      http.run({ method: 'DELETE', path: at(topic, 'retention') }),
    setBacklogQuota: (topic: string, type: BacklogQuotaType, quota: BacklogQuota) =>
      http.run({
        method: 'POST',
        path: at(topic, 'backlogQuota'),
        query: { backlogQuotaType: type },
        body: quota,
      }),
    removeBacklogQuota: (topic: string, type: BacklogQuotaType) =>
      http.run({
        method: 'DELETE',
        path: at(topic, 'backlogQuota'),
        query: { backlogQuotaType: type },
      }),
    setDeduplication: (topic: string, enabled: boolean) =>
      http.run({ method: 'POST', path: at(topic, 'deduplicationEnabled'), body: enabled }),
    setDelayedDelivery: (topic: string, delayed: DelayedDelivery) =>
      http.run({ method: 'POST', path: at(topic, 'delayedDelivery'), body: delayed }),
  }
}
