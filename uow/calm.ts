/** Whether what somebody waits for in vain may still be on its way to them. */
export interface Calm {
  /** Something was away: what happened meanwhile is still to come. */
  shaken(): void
  /** Something has come. */
  heard(): void
  /** Whether what was to come has come, as far as anybody can tell. */
  reached(): boolean
}

export interface CalmOptions {
  /** Silence after which nothing more is expected to come: a broker takes a while to begin. Default 5 s. */
  readonly quietMs?: number
  /** Where it is never silent, so long and no longer. Default 30 s. */
  readonly mostMs?: number
  /** In ms, never going back. */
  readonly clock?: () => number
}

/**
 * Not reached at first. Once it is, it lasts until it is shaken: a steady stream of messages is no sign
 * that old ones are missing.
 */
export const calmAfterStart = ({
  quietMs = 5000,
  mostMs = 30_000,
  clock = () => performance.now(),
}: CalmOptions = {}): Calm => {
  let isCalm = false
  let shakenAt = clock()
  let heardAt = shakenAt
  return {
    shaken() {
      isCalm = false
      shakenAt = clock()
    },
    heard() {
      heardAt = clock()
    },
    reached() {
      const now = clock()
      isCalm ||= now - Math.max(shakenAt, heardAt) >= quietMs || now - shakenAt >= mostMs
      return isCalm
    },
  }
}
