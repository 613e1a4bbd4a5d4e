import { readers, subscriptions } from '../../shared/contracts/topology.ts'
import { consumeBatches } from '../../shared/delivery/batch-consumer.ts'
import { deliveryMetrics } from '../../shared/delivery/metrics.ts'
import { validationCode } from '../../shared/kernel/credentials.ts'
import type { Role, RoleContext } from '../../shared/runtime/role.ts'
import { required } from '../../shared/runtime/settings.ts'
import { userVault } from '../../shared/vault/user-keys.ts'
import { mailSender } from './mail-sender.ts'
import { smtpMailer } from './mailer.ts'
import { notifierWork } from './notifier.work.ts'

/** Writes to people what happened to them. */
export async function startNotifier(context: RoleContext): Promise<Role> {
  const { settings, logger } = context
  const [broker, database, writeSide] = await Promise.all([
    context.broker(),
    context.readDatabase(),
    context.writeDatabase(),
  ])
  const credentialKey = required(settings, 'credentialKey')
  const { smtpUrl } = settings
  const sender = smtpUrl ? mailSender({ database, logger, mailer: smtpMailer(smtpUrl) }) : undefined
  const consumer = consumeBatches({
    broker,
    database,
    logger,
    metrics: deliveryMetrics(context.metrics.registry),
    subscription: subscriptions.notifier,
    topics: readers.notifier,
    work: notifierWork({
      vault: userVault(writeSide, credentialKey),
      codeFor: (userId) => validationCode(credentialKey, userId),
      state: sender ? 'pending' : 'kept',
      written: () => sender?.wake(),
    }),
  })
  return {
    name: 'notifier',
    async check() {
      const mail = sender ? await sender.check() : []
      return [...(await consumer.check()), ...mail]
    },
    async stop() {
      await consumer.stop()
      await sender?.stop()
    },
  }
}
