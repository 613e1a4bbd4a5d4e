import type { DataOf } from '../../shared/contracts/contract.ts'
import { type ProductUpdated, UpdateProduct } from '../../shared/contracts/products.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { offers } from './keep-offer.ts'
import { priceFault } from './price-fault.ts'
import { type Product, products } from './product.aggregate.ts'

type Update = DataOf<typeof UpdateProduct>

export const updateProduct = handler<Update>({
  contract: UpdateProduct,
  locks: ({ product_id }) => [lock(products, product_id)],
  alsoLocks({ product_id }, rows) {
    const product = rows.get(products, product_id)
    return product ? [lock(offers, product.sku)] : []
  },
  decide(command, rows) {
    const { product_id, price } = command
    const product = rows.get(products, product_id)
    if (!product) return rejected('not-found', `there is no product ${product_id}`)
    const fault = price === undefined ? undefined : priceFault(price, product.currency)
    if (fault !== undefined) return rejected('invalid-request', `/price: ${fault}`)
    const changes = whatChanges(product, command)
    if (Object.keys(changes).length === 0) return []
    const data = { product_id, ...changes }
    return [happened(products, product_id, { type: 'ProductUpdated', data })]
  },
})

/** A field that is sent as it is already has not changed, and nobody has to hear of it. */
const whatChanges = (
  product: Product,
  { name, price, description }: Update,
): Omit<DataOf<typeof ProductUpdated>, 'product_id'> => ({
  ...(name === undefined || name === product.name ? {} : { name }),
  ...(price === undefined || price === Number(product.price) ? {} : { price }),
  ...(description === undefined || description === product.description ? {} : { description }),
})
