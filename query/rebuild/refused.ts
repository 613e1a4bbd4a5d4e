/** What is there does not allow it; nothing live was changed. The message is for people. */
export class RebuildRefused extends Error {
  override readonly name = 'RebuildRefused'
}
