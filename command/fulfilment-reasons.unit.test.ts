import { expect, test } from 'bun:test'
import { reasons } from './fulfilment-reasons.ts'

const missing = (count: number) => Array.from({ length: count }, (_, n) => ({ sku: `sku-${n}` }))

test('an order of many products that are not there has a reason that fits into a mail', () => {
  expect(reasons.outOfStock({ missing: missing(2) })).toBe('out of stock: sku-0, sku-1')
  expect(reasons.outOfStock({ missing: missing(1000) })).toBe(
    'out of stock: sku-0, sku-1, sku-2, sku-3, sku-4 and 995 others',
  )
})
