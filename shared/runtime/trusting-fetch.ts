/** fetch as the admin client takes it. */
export type TrustingFetch = (url: string, init: RequestInit) => Promise<Response>

interface DenoRuntime {
  createHttpClient(options: { caCerts: string[] }): unknown
}

/**
 * A fetch that trusts the authorities in `ca` (PEM), beside or instead of those of the machine, as
 * the runtime has it: Bun takes `tls` (https://bun.sh/docs/api/fetch#tls), Deno a client of its own
 * (https://docs.deno.com/api/deno/~/Deno.createHttpClient). Node's fetch takes none: it trusts what
 * NODE_EXTRA_CA_CERTS names, and this is its own fetch then.
 */
export const fetchTrusting = (ca: string): TrustingFetch => {
  const { Bun: bun, Deno: deno } = globalThis as { Bun?: unknown; Deno?: DenoRuntime }
  if (bun) return withInit({ tls: { ca } })
  if (deno) return withInit({ client: deno.createHttpClient({ caCerts: [ca] }) })
  return fetch
}

const withInit =
  (extra: object): TrustingFetch =>
  (url, init) =>
    fetch(url, { ...init, ...extra })
