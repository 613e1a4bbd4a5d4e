import { parseArgs } from 'node:util'
import { newId } from '../shared/kernel/ids.ts'
import type { Envelope } from '../shared/messaging/envelope.ts'
import { bankCommand, Credit, Open } from '../tests/support/uow-bank.ts'
import { openBank } from '../tests/support/uow-harness.ts'

/** CPU of this process and statements, per command, for batches that only go through `execute`. */
const { values } = parseArgs({
  options: {
    batch: { type: 'string', default: '100' },
    batches: { type: 'string', default: '100' },
  },
})
const [size, batches] = [Number(values.batch), Number(values.batches)]
const bank = await openBank()

const measure = async (name: string, commands: readonly Envelope[]) => {
  const statements = bank.database.statements
  const [cpu, started] = [process.cpuUsage(), performance.now()]
  for (let at = 0; at < commands.length; at += size) await bank.run(commands.slice(at, at + size))
  const { user, system } = process.cpuUsage(cpu)
  const figures = [
    `${((user + system) / commands.length).toFixed(1)} us CPU/command`,
    `${((performance.now() - started) / batches).toFixed(1)} ms/batch`,
    `${((bank.database.statements - statements) / batches).toFixed(1)} statements/batch`,
  ]
  console.log(name.padEnd(10), figures.join('   '))
}

for (const round of ['warm-up', 'measured', 'measured']) {
  console.log(round)
  const ids = Array.from({ length: size * batches }, newId)
  await measure(
    'open',
    ids.map((id) => bankCommand(Open, { id, balance: 1 })),
  )
  await measure(
    'credit',
    ids.map((id) => bankCommand(Credit, { id, amount: 1 })),
  )
}
await bank.close()
