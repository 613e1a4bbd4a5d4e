import { commands } from '../shared/contracts/topology.ts'
import { derivedId } from '../shared/kernel/ids.ts'
import type { Database } from '../shared/postgres/database.ts'
import { readReceipt } from '../shared/receipts/read-receipt.ts'
import type { RoleContext } from '../shared/runtime/role.ts'
import { required } from '../shared/runtime/settings.ts'
import { withUnitOfWork } from '../uow/with-unit-of-work.ts'
import { passwords } from './passwords.ts'
import { exampleReservation } from './reservations/bodies.ts'
import { exampleUser } from './users/bodies.ts'
import { registerUserData } from './users/register-data.ts'
import { writeModel } from './write-model.ts'

const demoUser = { ...exampleUser, email: 'demo@example.com' }
const userId = derivedId('demo', 'user')
const reservationId = derivedId('demo', 'reservation')

/** A user to log in as, with a reservation, to try things with: made once, the same on every machine. */
export const seedDemo = async (context: RoleContext): Promise<void> => {
  const database = await context.writeDatabase()
  const credentialKey = required(context.settings, 'credentialKey')
  const model = writeModel(credentialKey)
  const now = new Date().toISOString()
  for (const [name, subject, data] of demoCommands(credentialKey)) {
    const id = derivedId('demo', name)
    if (await done(database, id)) continue
    await withUnitOfWork(database, model, {
      id,
      type: commands[name].type,
      source: 'urn:aeroalpes:demo-data',
      time: now,
      subject,
      correlationId: id,
      data: await data(),
    })
  }
}

const done = async (database: Database, id: string) =>
  (await readReceipt(database, id)) !== undefined

const demoCommands = (credentialKey: string) =>
  [
    [
      'RegisterUser',
      userId,
      async () => {
        const hash = await passwords().hash(demoUser.password)
        return registerUserData(credentialKey, demoUser, hash, userId)
      },
    ],
    [
      'CreateReservation',
      reservationId,
      async () => ({ ...exampleReservation, client_id: userId, reservation_id: reservationId }),
    ],
  ] as const
