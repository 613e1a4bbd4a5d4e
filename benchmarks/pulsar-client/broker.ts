import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { ownPulsar } from '../../tests/support/pulsar.ts'

/** A broker, and a namespace on it that is deleted in the end. */
export interface Arena {
  readonly url: string
  /** Runs `work` with a topic of its own, which is deleted then: what is flooded takes much room. */
  withTopic<T>(work: (topic: string) => Promise<T>): Promise<T>
  leave(): Promise<void>
}

/** The Pulsar of PULSAR_URL and PULSAR_ADMIN_URL, else one of its own that runs as it would for long. */
export const openArena = async (): Promise<Arena> => {
  const { PULSAR_URL: url, PULSAR_ADMIN_URL: adminUrl } = process.env
  if (url && adminUrl) return within({ url, adminUrl }, () => Promise.resolve())
  const home = mkdtempSync(join(tmpdir(), 'aero-bench-pulsar-'))
  const broker = await ownPulsar(home, { briefly: false })
  return within(broker, async () => {
    await broker.stop()
    rmSync(home, { recursive: true, force: true })
  })
}

const within = async (
  { url, adminUrl }: { readonly url: string; readonly adminUrl: string },
  stop: () => Promise<void>,
): Promise<Arena> => {
  const admin = pulsarAdmin({ url: adminUrl })
  const namespace = `public/bench-${Date.now()}`
  await admin.namespaces.create(namespace)
  let topics = 0
  return {
    url,
    async withTopic(work) {
      const topic = `persistent://${namespace}/t${topics++}`
      await admin.topics.create(topic)
      try {
        return await work(topic)
      } finally {
        await admin.topics.delete(topic, { force: true })
      }
    },
    async leave() {
      await admin.namespaces.delete(namespace)
      await stop()
    },
  }
}
