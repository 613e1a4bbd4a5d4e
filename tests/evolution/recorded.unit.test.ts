import { expect, test } from 'bun:test'
import type { Contract } from '../../shared/contracts/contract.ts'
import { commands, events } from '../../shared/contracts/topology.ts'
import { contractReader, earlierContracts, readData } from '../../shared/contracts/upcasting.ts'
import { recordedMessages } from './recorded-messages.ts'

const contracts: readonly Contract[] = [...Object.values(commands), ...Object.values(events)]
const recorded = recordedMessages()

test('of every version before the latest there is a recorded message, and some are commands', () => {
  const before = contracts.flatMap((contract) => earlierContracts(contract))
  expect(recorded.map(({ envelope }) => envelope.type).toSorted()).toEqual(
    before.map(({ type }) => type).toSorted(),
  )
  expect(new Set(before.map(({ kind }) => kind))).toEqual(new Set(['command', 'event']))
})

test('no version between the first and the latest is unreadable', () => {
  const first = contracts.map((contract) => contract.version - earlierContracts(contract).length)
  expect(new Set(first)).toEqual(new Set([1]))
})

test.each(recorded.map(({ envelope, ...rest }) => [envelope.type, { envelope, ...rest }] as const))(
  'the recorded %s is read as it always was',
  (type, { envelope, asOfToday }) => {
    const found = contractReader(contracts).find(type)
    expect(found && readData(found, envelope.data)).toEqual({
      success: true,
      data: asOfToday,
    } as never)
  },
)
