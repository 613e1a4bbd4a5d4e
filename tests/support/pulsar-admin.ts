import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { PulsarAdminError } from '../../shared/pulsar/admin/errors.ts'
import { ownNamespace } from './pulsar.ts'

/** What became of a call: its kind of error, or `done`. Any other error is thrown. */
export async function kindOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'done'
  } catch (error) {
    if (error instanceof PulsarAdminError) return error.kind
    throw error
  }
}

/** A namespace of its own for a test, `public/...`. */
export async function newNamespace(admin: PulsarAdmin): Promise<string> {
  const namespace = `public/${ownNamespace()}`
  await admin.namespaces.create(namespace)
  return namespace
}
