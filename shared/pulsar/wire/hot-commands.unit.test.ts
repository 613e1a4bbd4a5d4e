import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { present, valuesOf } from '../../../tests/support/table-values.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { tableOf } from './commands.ts'
import { decodeMessage, decodeReceipt, encodeAck, encodeSend } from './hot-commands.ts'
import { decode, encode, type Table } from './table.ts'

const written = (write: (writer: ByteWriter) => void): Uint8Array => {
  const writer = new ByteWriter(1)
  write(writer)
  return writer.finish()
}

const outcomeOf = (read: () => unknown): unknown => {
  try {
    return present(read())
  } catch (thrown) {
    expect(thrown).toMatchObject({ name: 'PulsarError', code: 'protocol' })
    return (thrown as Error).message
  }
}

const encoders: readonly [string, Table, (writer: ByteWriter, body: never) => void][] = [
  ['SEND', tableOf('send'), encodeSend],
  ['ACK', tableOf('ack'), encodeAck],
]

test.each(encoders)(
  '%s is written by hand as by its table, whatever fields it has',
  (_, table, hot) => {
    fc.assert(
      fc.property(valuesOf(table), (body) => {
        const byTable = written((writer) => encode(writer, table, body))
        expect(written((writer) => hot(writer, body as never))).toEqual(byTable)
      }),
    )
  },
)

const decoders: readonly [string, Table, (reader: ByteReader) => unknown][] = [
  ['MESSAGE', tableOf('message'), decodeMessage],
  ['SEND_RECEIPT', tableOf('sendReceipt'), decodeReceipt],
]

test.each(decoders)(
  '%s is read by hand as by its table, whatever fields it has',
  (_, table, hot) => {
    fc.assert(
      fc.property(valuesOf(table), (body) => {
        const bytes = written((writer) => encode(writer, table, body))
        expect(present(hot(new ByteReader(bytes)))).toEqual(present(body))
      }),
    )
  },
)

test.each(decoders)('%s cut or damaged ends by hand as by its table', (_, table, hot) => {
  const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })
  fc.assert(
    fc.property(valuesOf(table), damages, fc.nat(), (body, changes, cut) => {
      const bytes = written((writer) => encode(writer, table, body))
      for (const [at, value] of changes) bytes[at % bytes.length] = value
      const hostile = bytes.subarray(0, bytes.length - (cut % bytes.length))
      expect(outcomeOf(() => hot(new ByteReader(hostile)))).toEqual(
        outcomeOf(() => decode(new ByteReader(hostile), table)),
      )
    }),
    { numRuns: 1_000 },
  )
})
