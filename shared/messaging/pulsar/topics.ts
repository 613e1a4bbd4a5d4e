import type { Delivery, PulsarDriver } from './driver.ts'
import { fateOf } from './fates.ts'

/** The tenant that contracts name topics in. */
const ours = 'persistent://aeroalpes/'

/** One partition of a topic, as the port and as Pulsar name it. */
export interface Part {
  readonly topic: string
  readonly pulsarTopic: string
  /** 0 for the only part of a topic without partitions. */
  readonly partition: number
}

export interface Topics {
  /** The topic under this broker's tenant; topics of other tenants stay where they are. */
  pulsarName(topic: string): string
  /**
   * Asked once a topic, since they never change. Rejects with `Misuse` slug `unknown-topic`, and with
   * `Transient` slug `broker-unavailable`.
   */
  parts(topic: string): Promise<readonly Part[]>
}

export const topicDirectory = (
  driver: Pick<PulsarDriver<Delivery>, 'partitions'>,
  tenant: string,
): Topics => {
  const found = new Map<string, readonly Part[]>()
  const pulsarName = (topic: string) =>
    topic.startsWith(ours) ? `persistent://${tenant}/${topic.slice(ours.length)}` : topic
  const look = async (topic: string): Promise<readonly Part[]> => {
    const names = await driver.partitions(pulsarName(topic))
    return names.map((pulsarTopic, partition) => ({ topic, pulsarTopic, partition }))
  }
  return {
    pulsarName,
    async parts(topic) {
      const known = found.get(topic)
      if (known) return known
      try {
        const parts = await look(topic)
        found.set(topic, parts)
        return parts
      } catch (error) {
        throw fateOf(error, topic)
      }
    },
  }
}
