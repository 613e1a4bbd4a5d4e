import { setTimeout as pause } from 'node:timers/promises'
import { answers } from './readiness.ts'
import { readReceipt } from '../shared/receipts/read-receipt.ts'
import { required } from '../shared/runtime/settings.ts'
import type { OpenBacking } from './backing.ts'
import { keepHouse } from './housekeeping.ts'
import { claimsIn } from './idempotency/claims.ts'
import { attemptsIn } from './sessions/attempts.ts'
import { logIn } from './sessions/log-in.ts'
import { issuerOf } from './trust.ts'

/** Keys, receipts and users are rows. */
export const open: OpenBacking = async ({ settings, logger, writeDatabase }, passwords) => {
  const database = await writeDatabase()
  const credentialKey = required(settings, 'credentialKey')
  const house = keepHouse(
    {
      'old idempotency keys': () => claimsIn(database).purge(),
      'old login attempts': () => attemptsIn(database).purge(),
    },
    logger,
  )
  return {
    claims: claimsIn(database),
    sessions: {
      logIn: logIn({ database, passwords, credentialKey, pause }),
      issuer: issuerOf(settings),
    },
    readReceipt: (id) => readReceipt(database, id),
    elsewhere: undefined,
    checks: async () => [
      await answers('database', database.query('SELECT 1 FROM write.idempotency_keys LIMIT 0')),
    ],
    stop: () => house.stop(),
  }
}
