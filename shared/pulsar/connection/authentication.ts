/** Who this client is; asked again whenever the broker wants fresh credentials. */
export interface Authentication {
  readonly methodName: string
  data(): Promise<Uint8Array>
  /** Paths of the PEM files of what the TLS connection shows, if that is who this is. */
  readonly certificate?: CertificatePaths | undefined
}

interface CertificatePaths {
  readonly certificatePath: string
  readonly privateKeyPath: string
}

interface TokenSettings {
  /** A JWT, or what fetches the current one. */
  readonly token: string | (() => string | Promise<string>)
}

/** Token authentication, as `AuthenticationToken` of the official clients. */
export class AuthenticationToken implements Authentication {
  readonly methodName = 'token'
  readonly #token: TokenSettings['token']

  constructor({ token }: TokenSettings) {
    this.#token = token
  }

  async data(): Promise<Uint8Array> {
    const token = typeof this.#token === 'string' ? this.#token : await this.#token()
    return new TextEncoder().encode(token)
  }
}

/**
 * The client certificate of the TLS connection says who this is: the one of these files, or the one
 * of the client's options.
 */
export class AuthenticationTls implements Authentication {
  readonly methodName = 'tls'
  readonly certificate: CertificatePaths | undefined

  constructor(certificate?: CertificatePaths) {
    this.certificate = certificate
  }

  data(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(0))
  }
}
