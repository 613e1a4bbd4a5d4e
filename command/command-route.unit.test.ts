import { expect, test } from 'bun:test'
import { commands } from '../shared/contracts/topology.ts'
import { commandAppWith } from '../tests/support/command-app.ts'

interface Operation {
  readonly operationId: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly example?: object }>>
  }
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}
const operations = async () => {
  const answer = await commandAppWith().app.request('/openapi.json')
  const { paths } = (await answer.json()) as {
    paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  }
  return Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    .filter(({ operation }) => !operation.tags?.includes('operations'))
}
const open = ['/users', '/sessions', '/commands/{id}']
const others = ['/sessions', '/commands/{id}']

/** Sent by those who fulfil an order, never by somebody outside. */
const inside: readonly string[] = [
  'HoldStock',
  'ReleaseStock',
  'CommitStock',
  'ChargePayment',
  'RefundPayment',
  'RecordPaymentOutcome',
  'PrepareShipment',
  'CancelShipment',
  'MarkOrderReserved',
  'MarkOrderPaid',
  'MarkOrderShipped',
]

test('every command for people has a route, no other has, and every route is in the document', async () => {
  const documented = (await operations()).map(({ operation }) => operation.operationId)
  const sent = Object.keys(commands).filter((name) => !inside.includes(name))
  const named = sent.map((name) => name.charAt(0).toLowerCase() + name.slice(1))
  expect(documented.toSorted()).toEqual([...named, 'createSession', 'getReceipt'].toSorted())
})

test('every command documents its answers, from 202 to 503', async () => {
  for (const { path, operation } of (await operations()).filter(
    (each) => !others.includes(each.path),
  )) {
    const statuses = Object.keys(operation.responses)
    expect([path, statuses]).toEqual([
      path,
      expect.arrayContaining(['200', '202', '400', '413', '415', '422', '503']),
    ])
    expect(statuses.includes('401')).toBe(!open.includes(path))
    expect(operation.parameters?.map(({ name }) => name)).toContain('Idempotency-Key')
    expect(operation.parameters?.some(({ name }) => name === 'If-Match')).toBe(
      path.includes('{id}'),
    )
  }
})

test('every example in the document is a request that is taken', async () => {
  const { app } = commandAppWith()
  const headers = { 'content-type': 'application/json' }
  for (const { path, method, operation } of (await operations()).filter(
    (each) => !others.includes(each.path),
  )) {
    const example = operation.requestBody?.content['application/json']?.example
    const at = path.replace('{id}', '019aa3c4-5b7e-7c1d-8e2f-0123456789ab')
    const body = JSON.stringify(example)
    const { status } = await app.request(at, { method: method.toUpperCase(), headers, body })
    expect([path, status]).toEqual([path, 202])
  }
})
