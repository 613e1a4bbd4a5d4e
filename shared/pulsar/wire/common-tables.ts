import { blob, nested, number, optional, repeated, text, word } from './table.ts'

export const keyValue = { key: text(1), value: text(2) }

export const messageIdData = {
  ledgerId: number(1),
  entryId: number(2),
  partition: optional(number(3)),
  batchIndex: optional(number(4)),
  ackSet: repeated(word(5)),
  batchSize: optional(number(6)),
}

export const schemaData = {
  name: text(1),
  schemaData: blob(3),
  type: number(4),
  properties: repeated(nested(5, keyValue)),
}
