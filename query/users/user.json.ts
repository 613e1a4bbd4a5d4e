import { z } from 'zod'
import { userKinds, userStatuses } from '../../shared/contracts/users.ts'
import type { UserRow } from './user.table.ts'

const personal = z.string().nullable()

export const userJson = z
  .object({
    id: z.guid(),
    kind: z.enum(userKinds),
    status: z.enum(userStatuses),
    first_name: personal.meta({ description: 'null, as all that is personal, once erased' }),
    last_name: personal,
    email: personal,
    national_id: personal,
    tax_id: personal,
    birth_date: personal,
    incorporated_on: personal,
    locale: z.string(),
    registered_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    version: z.number().int(),
  })
  .meta({ id: 'User' })

/** A user as the contract shows them: field by field, so that a new column is never shown by accident. */
export const showUser = (row: UserRow): z.output<typeof userJson> => ({
  id: row.id,
  kind: row.kind,
  status: row.status,
  first_name: row.first_name,
  last_name: row.last_name,
  email: row.email,
  national_id: row.national_id,
  tax_id: row.tax_id,
  birth_date: row.birth_date,
  incorporated_on: row.incorporated_on,
  locale: row.locale,
  registered_at: row.registered_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
  version: row.version,
})

export const exampleUser = {
  id: '0197f1aa-0000-7d3a-8b9e-3a4b5c6d7e8f',
  kind: 'person',
  status: 'VALIDATED',
  first_name: 'Ana',
  last_name: 'Ruiz',
  email: 'ana@example.com',
  national_id: '1020304050',
  tax_id: null,
  birth_date: '1990-05-01',
  incorporated_on: null,
  locale: 'es-CO',
  registered_at: '2026-11-20T10:00:00.000Z',
  updated_at: '2026-11-20T10:01:00.000Z',
  version: 2,
}
