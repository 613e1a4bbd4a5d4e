/** What `./aero` ends with; part of the public contract. */
export const exitCodes = { done: 0, failed: 1, usage: 2, notFound: 3, refused: 4 } as const

/** Thrown by an operation that has said all there is to say; the message is for people. */
export class Exit extends Error {
  override readonly name = 'Exit'
  readonly code: (typeof exitCodes)[keyof typeof exitCodes]

  constructor(reason: Exclude<keyof typeof exitCodes, 'done'>, message: string) {
    super(message)
    this.code = exitCodes[reason]
  }
}
