/**
 * The four fates of an error. Each edge maps them once: HTTP to problem details, consumers to
 * retry, lane or dead letter. A business rejection is data (see `uow/handler.ts`), not one of these.
 */
export abstract class Fate extends Error {
  abstract readonly fate: 'invalid' | 'transient' | 'poison' | 'misuse'
  /** Stable, kebab-case; becomes `urn:aeroalpes:problem:<slug>`. */
  readonly slug: string

  constructor(slug: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.slug = slug
  }
}

/** One thing wrong with an input: where (RFC 6901 JSON pointer) and what. */
export interface Fault {
  readonly pointer: string
  readonly detail: string
}

/** The sender must change the input. Nothing was published, nothing was stored. */
export class Invalid extends Fate {
  readonly fate = 'invalid'
  readonly faults: readonly Fault[]

  constructor(detail: string, faults: readonly Fault[] = [], slug = 'invalid-request') {
    super(slug, detail)
    this.faults = faults
  }
}

/** Something we depend on is away or busy. The same work may succeed later, unchanged. */
export class Transient extends Fate {
  readonly fate = 'transient'
}

/** This message can never be handled as it is: unparsable, or of a type nobody knows. */
export class Poison extends Fate {
  readonly fate = 'poison'
}

/** The calling code broke a rule of the house, for example publishing inside a transaction. */
export class Misuse extends Fate {
  readonly fate = 'misuse'
}
