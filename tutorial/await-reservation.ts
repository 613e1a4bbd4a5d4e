import { setTimeout } from 'node:timers/promises'
import { problem } from '../shared/http/problem.ts'
import { ruleBroken } from './errors.ts'
import type { ReadReservation } from './mapper.ts'
import type { Accepted, PassedOn, Upstream } from './upstream.ts'

const patienceSeconds = 10

/**
 * The reservation that a command creates, as soon as it can be read; undefined after 10 s. Throws an
 * `HttpProblem` when the command was rejected or given up.
 */
export const awaitReservation = async (
  system: Upstream,
  command: Accepted,
  headers: PassedOn,
): Promise<ReadReservation | undefined> => {
  const deadline = performance.now() + patienceSeconds * 1000
  const { status, version, problem: why } = await system.receipt(command, patienceSeconds, headers)
  if (status === 'rejected') throw ruleBroken(`La reserva fue rechazada: ${why?.detail ?? ''}`)
  if (status === 'failed') throw problem('command-failed', 500, why?.detail ?? 'the command failed')
  if (status === 'accepted') return undefined
  for (;;) {
    // This waits on the other side, up to 2 s, unless something is wrong there.
    const read = await system.reservation(command.id, headers, version ?? 1)
    if (read || performance.now() > deadline) return read
    await setTimeout(100)
  }
}
