import type { Receipt } from '../../shared/contracts/receipts.ts'

export interface Accepted {
  readonly command_id: string
  readonly status: string
  readonly id: string
  readonly href: string
  readonly status_url: string
}

/** Sends JSON as curl would. */
export const send = (url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

/** Sends a command that must be answered 202. */
export const accepted = async (
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Accepted> => {
  const answer = await send(url, body, headers)
  const text = await answer.text()
  if (answer.status !== 202) throw new Error(`${url} answered ${answer.status}: ${text}`)
  return JSON.parse(text) as Accepted
}

/** Waits for the end of a command, 20 s at most. */
export const finished = async ({ status_url }: Accepted): Promise<Receipt> => {
  const receipt = await fetch(`${status_url}&wait=20`)
  return (await receipt.json()) as Receipt
}

export const json = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T
