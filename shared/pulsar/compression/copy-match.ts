/**
 * Repeats `length` bytes of `out` from `offset` before `to`: byte by byte when the match runs into
 * itself, as that is how LZ4 and Snappy write a repetition.
 */
export const copyMatch = (out: Uint8Array, to: number, offset: number, length: number) => {
  if (offset >= length) {
    out.copyWithin(to, to - offset, to - offset + length)
    return
  }
  for (let index = to; index < to + length; index++) out[index] = out[index - offset] ?? 0
}
