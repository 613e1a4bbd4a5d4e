import { type AdminHttp, path } from './http.ts'
import { type Position, positionJson } from './message-id.ts'
import { topicPaths } from './names.ts'
import { rawEntry } from './raw-entry.ts'

/**
 * Subscriptions of a topic. Those of a partitioned topic are created, deleted, cleared and expired on
 * all partitions at once; `peek` and `skip` want one partition (`...-partition-3`).
 */
export const subscriptions = (http: AdminHttp) => {
  const at = (topic: string, subscription: string, ...rest: (string | number)[]) =>
    `${topicPaths(topic).full}/${path('subscription', subscription, ...rest)}`
  const post = (topic: string, subscription: string, ...rest: (string | number)[]) =>
    http.run({ method: 'POST', path: at(topic, subscription, ...rest) })
  return {
    list: (topic: string) =>
      http.json<string[]>({ method: 'GET', path: `${topicPaths(topic).full}/subscriptions` }),
    /** Throws `conflict` when there is one of this name. */
    create: (topic: string, subscription: string, from: Position = 'latest') =>
      http.run({ method: 'PUT', path: at(topic, subscription), json: positionJson(from) }),
    /** With `force` also while consumers are connected; they are sent away. */
    delete: (topic: string, subscription: string, { force = false } = {}) =>
      http.run({ method: 'DELETE', path: at(topic, subscription), query: { force } }),
    /**
     * The `position`th entry (1: the next) that waits to be delivered. Throws `not-found` past the end.
     * Pulsar creates a subscription that is not there (seen on 4.2.4): look for it first.
     */
    peek: async (topic: string, subscription: string, position = 1) =>
      rawEntry(
        await http.send({ method: 'GET', path: at(topic, subscription, 'position', position) }),
      ),
    skip: (topic: string, subscription: string, messages: number) =>
      post(topic, subscription, 'skip', messages),
    clearBacklog: (topic: string, subscription: string) => post(topic, subscription, 'skip_all'),
    /**
     * Those published longer ago than so many seconds; goes on after the answer. Throws `conflict`
     * when it finds nothing that old among the few that wait, or while another one is under way.
     */
    expireOlderThan: (topic: string, subscription: string, seconds: number) =>
      post(topic, subscription, 'expireMessages', seconds),
    /** The same for all subscriptions of the topic. */
    expireAllOlderThan: (topic: string, seconds: number) =>
      http.run({
        method: 'POST',
        path: `${topicPaths(topic).full}/${path('all_subscription', 'expireMessages', seconds)}`,
      }),
    /** To the first message published at that time or later. Consumers are sent away and come back. */
    resetToTime: (topic: string, subscription: string, time: Date) =>
      post(topic, subscription, 'resetcursor', time.getTime()),
    resetTo: (topic: string, subscription: string, position: Position) =>
      http.run({
        method: 'POST',
        path: at(topic, subscription, 'resetcursor'),
        json: positionJson(position),
      }),
  }
}
