import { PulsarError } from '../errors.ts'

/** Called with a whole frame: the bytes after its length word. Valid until the call returns. */
type OnFrame = (bytes: Uint8Array, start: number, end: number) => void

const nothing = new Uint8Array(0)

/** `HTTP` read as a length: what a web server says to bytes that it does not understand. */
const httpAnswer = 0x48_54_54_50

/**
 * Cuts a stream of chunks into frames. A frame that lies in one chunk is not copied; one that does
 * not is gathered once in a buffer of its size, however many chunks it comes in.
 */
export class FrameSplitter {
  /** Larger frames are refused before memory is taken for them. */
  maxFrameBytes: number
  readonly #onFrame: OnFrame
  readonly #head = new Uint8Array(4)
  #headFilled = 0
  #frame = nothing
  #filled = 0

  constructor(maxFrameBytes: number, onFrame: OnFrame) {
    this.maxFrameBytes = maxFrameBytes
    this.#onFrame = onFrame
  }

  /**
   * Hands over every frame that `chunk` completes.
   * @throws PulsarError `protocol` when a frame is empty or too large
   */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#frame.length > 0) at = this.#gather(chunk, at)
      else if (this.#headFilled > 0 || chunk.length - at < 4) at = this.#gatherHead(chunk, at)
      else at = this.#take(chunk, at)
    }
  }

  #take(chunk: Uint8Array, at: number): number {
    const size = this.#sizeOf(chunk, at)
    const start = at + 4
    const end = start + size
    if (end > chunk.length) {
      this.#frame = new Uint8Array(size)
      this.#filled = 0
      return start
    }
    this.#onFrame(chunk, start, end)
    return end
  }

  #gatherHead(chunk: Uint8Array, at: number): number {
    const count = Math.min(4 - this.#headFilled, chunk.length - at)
    this.#head.set(chunk.subarray(at, at + count), this.#headFilled)
    this.#headFilled += count
    if (this.#headFilled === 4) {
      this.#headFilled = 0
      this.#frame = new Uint8Array(this.#sizeOf(this.#head, 0))
      this.#filled = 0
    }
    return at + count
  }

  #gather(chunk: Uint8Array, at: number): number {
    const frame = this.#frame
    const count = Math.min(frame.length - this.#filled, chunk.length - at)
    frame.set(chunk.subarray(at, at + count), this.#filled)
    this.#filled += count
    if (this.#filled === frame.length) {
      this.#frame = nothing
      this.#onFrame(frame, 0, frame.length)
    }
    return at + count
  }

  #sizeOf(bytes: Uint8Array, at: number): number {
    const size =
      (((bytes[at] ?? 0) << 24) |
        ((bytes[at + 1] ?? 0) << 16) |
        ((bytes[at + 2] ?? 0) << 8) |
        (bytes[at + 3] ?? 0)) >>>
      0
    if (size >= 4 && size <= this.maxFrameBytes) return size
    const message =
      size === httpAnswer
        ? 'HTTP answers here, not the binary protocol. Is this the port of the admin interface?'
        : `The broker sent a frame of ${size} bytes; at most ${this.maxFrameBytes} are read.`
    throw new PulsarError('protocol', message)
  }
}
