import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Command } from './commands.ts'
import { type Entry, readEntry, readFrame } from './frame-reader.ts'
import { FrameSplitter } from './frame-splitter.ts'
import { commandFrame, payloadFrame } from './frame-writer.ts'

const payload = new TextEncoder().encode('a payload that is longer than one step of the checksum')
const metadata = { producerName: 'p', sequenceId: 7, publishTime: 1_700_000_000_000 }
const sendFrame = () => payloadFrame('send', { producerId: 1, sequenceId: 7 }, metadata, payload)

const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

interface Read {
  readonly command: Command
  readonly entry: Entry | undefined
}

const collect = (frames: Read[], limit = 1_000_000) =>
  new FrameSplitter(limit, (bytes, start, end) => {
    const { command, rest } = readFrame(bytes, start, end)
    frames.push({ command, entry: command.type === 'send' ? readEntry(rest) : undefined })
  })

const readAll = (...chunks: readonly Uint8Array[]): Read[] => {
  const frames: Read[] = []
  const splitter = collect(frames)
  for (const chunk of chunks) splitter.push(chunk)
  return frames
}

test('frames split at any byte, or two bytes, come out the same', () => {
  const stream = concat(commandFrame('ping', {}), sendFrame(), commandFrame('pong', {}))
  const types = (frames: Read[]) => frames.map(({ command }) => command.type)
  for (let cut = 0; cut <= stream.length; cut++) {
    const frames = readAll(stream.subarray(0, cut), stream.subarray(cut))
    expect(types(frames)).toEqual(['ping', 'send', 'pong'])
    expect(Buffer.from(frames[1]!.entry!.payload).equals(payload)).toBe(true)
  }
  const single = readAll(...Array.from(stream, (_, at) => stream.subarray(at, at + 1)))
  expect(types(single)).toEqual(['ping', 'send', 'pong'])
})

test('an entry keeps its metadata and passes its checksum', () => {
  const [read] = readAll(sendFrame())
  expect(read!.entry).toMatchObject({ metadata, intact: true })
  expect(read!.command.body).toEqual({ producerId: 1, sequenceId: 7 })
})

test('any changed byte of an entry is noticed', () => {
  const frame = sendFrame()
  const entryStart = frame.length - payload.length - 20
  for (let at = entryStart; at < frame.length; at++) {
    const damaged = frame.slice()
    damaged[at]! ^= 0x10
    expect(readAll(damaged)[0]!.entry!.intact).toBe(false)
  }
})

test('a frame stays what it is when others are made after it', () => {
  const first = sendFrame()
  const copy = first.slice()
  const sizes = [1, 100, 20_000, 60_000, 3].map((size) => new Uint8Array(size).fill(7))
  const frames = sizes.flatMap((body) =>
    Array.from({ length: 40 }, () =>
      payloadFrame('send', { producerId: 1, sequenceId: 7 }, metadata, body),
    ),
  )
  expect(first).toEqual(copy)
  for (const [at, body] of sizes.entries())
    for (const frame of frames.slice(at * 40, at * 40 + 40))
      expect(readAll(frame)[0]!.entry).toMatchObject({ intact: true, payload: body })
})

test('broker entry metadata before the entry is passed over', () => {
  const frame = sendFrame()
  const commandEnd = 8 + new DataView(frame.buffer, frame.byteOffset).getUint32(4)
  const brokerEntry = Uint8Array.of(0x0e, 0x02, 0, 0, 0, 2, 0x10, 5)
  const longer = concat(frame.subarray(0, commandEnd), brokerEntry, frame.subarray(commandEnd))
  new DataView(longer.buffer).setUint32(0, longer.length - 4)
  expect(readAll(longer)[0]!.entry).toMatchObject({ metadata, intact: true })
})

test('a frame larger than the limit is refused before memory is taken for it', () => {
  const frames: Read[] = []
  const huge = Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 0)
  expect(() => collect(frames, 5_000).push(huge)).toThrow('a frame of 2147483647 bytes')
  expect(() => collect(frames, 5_000).push(new Uint8Array(8))).toThrow('a frame of 0 bytes')
  const inParts = collect(frames, 5_000)
  inParts.push(huge.subarray(0, 2))
  expect(() => inParts.push(huge.subarray(2))).toThrow('a frame of 2147483647 bytes')
})

test('a web server that answers is named as one', () => {
  const answer = new TextEncoder().encode('HTTP/1.1 400 Bad Request')
  expect(() => collect([]).push(answer)).toThrow('HTTP answers here')
})

test('random frames end in a command or a protocol error, nothing else', () => {
  const valid = sendFrame()
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(valid.length - 5), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      (changes) => {
        const frame = valid.slice()
        for (const [at, value] of changes) frame[at + 4] = value
        try {
          readAll(frame)
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'PulsarError', code: 'protocol' })
        }
      },
    ),
    { numRuns: 3_000 },
  )
})
