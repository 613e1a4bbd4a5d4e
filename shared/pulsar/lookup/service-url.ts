import { PulsarError } from '../errors.ts'

export interface ServiceUrl {
  readonly tls: boolean
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
}

/**
 * Reads `pulsar://host[:6650][,host2[:6650]]` or `pulsar+ssl://host[:6651]`.
 * @throws PulsarError `invalid-argument`
 */
export const parseServiceUrl = (url: string): ServiceUrl => {
  const match = /^(pulsar|pulsar\+ssl):\/\/([^/]+)\/?$/.exec(url)
  const [, scheme, authority = ''] = match ?? []
  const tls = scheme === 'pulsar+ssl'
  const hosts = authority.split(',').map((host) => parseHost(host, tls ? 6651 : 6650))
  if (!match || hosts.some((host) => !host))
    throw new PulsarError(
      'invalid-argument',
      `"${url}" is no Pulsar service URL; write pulsar://host:6650 or pulsar+ssl://host:6651.`,
    )
  return { tls, hosts: hosts.filter((host) => host !== undefined) }
}

const parseHost = (authority: string, defaultPort: number) => {
  const match = /^(\[[\da-fA-F:]+\]|[^\s:]+)(?::(\d{1,5}))?$/.exec(authority.trim())
  const port = Number(match?.[2] ?? defaultPort)
  if (!match?.[1] || port > 65_535) return undefined
  return { host: match[1].replaceAll(/[[\]]/g, ''), port }
}
