import { PulsarError } from '../errors.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import * as connect from './connect-tables.ts'
import * as consume from './consumer-tables.ts'
import { decodeMessage, decodeReceipt, encodeAck, encodeSend } from './hot-commands.ts'
import * as lookup from './lookup-tables.ts'
import * as produce from './producer-tables.ts'
import { decode, encode, type Value } from './table.ts'

/**
 * Every command this client speaks: its number in `BaseCommand.Type`, which is also the number of
 * the field that holds it, and its fields. Source: PulsarApi.proto of Apache Pulsar 4.
 */
const commands = {
  connect: [2, connect.connect],
  connected: [3, connect.connected],
  subscribe: [4, consume.subscribe],
  producer: [5, produce.producer],
  send: [6, produce.send],
  sendReceipt: [7, produce.sendReceipt],
  sendError: [8, produce.sendError],
  message: [9, consume.message],
  ack: [10, consume.ack],
  flow: [11, consume.flow],
  unsubscribe: [12, consume.consumerRequest],
  success: [13, connect.success],
  error: [14, connect.error],
  closeProducer: [15, produce.closeProducer],
  closeConsumer: [16, consume.closeConsumer],
  producerSuccess: [17, produce.producerSuccess],
  ping: [18, connect.empty],
  pong: [19, connect.empty],
  redeliverUnacknowledged: [20, consume.redeliverUnacknowledged],
  partitionMetadata: [21, lookup.partitionMetadata],
  partitionMetadataResponse: [22, lookup.partitionMetadataResponse],
  lookup: [23, lookup.lookup],
  lookupResponse: [24, lookup.lookupResponse],
  reachedEndOfTopic: [27, consume.consumerNotice],
  seek: [28, consume.seek],
  getLastMessageId: [29, consume.consumerRequest],
  getLastMessageIdResponse: [30, consume.getLastMessageIdResponse],
  activeConsumerChange: [31, consume.activeConsumerChange],
  getTopicsOfNamespace: [32, lookup.getTopicsOfNamespace],
  getTopicsOfNamespaceResponse: [33, lookup.getTopicsOfNamespaceResponse],
  getSchema: [34, produce.getSchema],
  getSchemaResponse: [35, produce.getSchemaResponse],
  authChallenge: [36, connect.authChallenge],
  authResponse: [37, connect.authResponse],
  ackResponse: [38, consume.ackResponse],
  getOrCreateSchema: [39, produce.getOrCreateSchema],
  getOrCreateSchemaResponse: [40, produce.getOrCreateSchemaResponse],
  watchTopicList: [64, lookup.watchTopicList],
  watchTopicListSuccess: [65, lookup.watchTopicListSuccess],
  watchTopicUpdate: [66, lookup.watchTopicUpdate],
  watchTopicListClose: [67, lookup.watchTopicListClose],
} as const

type Commands = typeof commands
export type CommandType = keyof Commands
export type Body<K extends CommandType> = Value<Commands[K][1]>
type Tagged<K extends CommandType> = K extends CommandType
  ? { readonly type: K; readonly body: Body<K> }
  : never
/** A command this client does not know: a newer broker may send one, nothing answers it. */
interface UnknownCommand {
  readonly type: 'unknown'
  readonly body: { readonly number: number }
}
export type Command = Tagged<CommandType> | UnknownCommand

export const numberOf = (type: CommandType): number => commands[type][0]

export const commandTypes = Object.keys(commands) as readonly CommandType[]

/** The table behind a command, for tests that make one of every kind. */
export const tableOf = <K extends CommandType>(type: K): Commands[K][1] => commands[type][1]

const byNumber: readonly (CommandType | undefined)[] = commandTypes.reduce<CommandType[]>(
  (known, type) => Object.assign(known, { [numberOf(type)]: type }),
  [],
)

type Encode<K extends CommandType> = (writer: ByteWriter, body: Body<K>) => void
type Decode<K extends CommandType> = (reader: ByteReader) => Body<K>

const hotEncoders: { readonly [K in CommandType]?: Encode<K> } = {
  send: encodeSend,
  ack: encodeAck,
}

const hotDecoders: { readonly [K in CommandType]?: Decode<K> } = {
  message: decodeMessage,
  sendReceipt: decodeReceipt,
}

/** Appends a whole BaseCommand. */
export const encodeCommand = <K extends CommandType>(
  writer: ByteWriter,
  type: K,
  body: Body<K>,
): void => {
  const field = numberOf(type)
  writer.number(1, field)
  const start = writer.open(field)
  const hot: Encode<K> | undefined = hotEncoders[type]
  if (hot) hot(writer, body)
  else encode<Commands[K][1]>(writer, commands[type][1], body)
  writer.close(start)
}

/**
 * Reads a BaseCommand from the rest of `reader`.
 * @throws PulsarError `protocol` when it is none
 */
export const decodeCommand = (reader: ByteReader): Command => {
  const number = readType(reader)
  const type = byNumber[number]
  if (!type) return { type: 'unknown', body: { number } }
  while (!reader.done) {
    const tag = reader.varint()
    if (tag !== (number << 3) + 2) {
      reader.skip(tag)
      continue
    }
    const outer = reader.end
    reader.end = reader.limit()
    const hot: ((reader: ByteReader) => unknown) | undefined = hotDecoders[type]
    const body = hot ? hot(reader) : decode(reader, commands[type][1])
    reader.end = outer
    return { type, body } as Command
  }
  throw new PulsarError('protocol', `The broker sent a ${type} command without its body.`)
}

/** The number of the command that starts here; the type always comes first. */
const readType = (reader: ByteReader): number => {
  if (reader.varint() === 8) return reader.varint()
  throw new PulsarError('protocol', 'The broker sent a command that does not begin with its type.')
}
