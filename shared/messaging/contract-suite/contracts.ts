import { acknowledgementContracts } from './acknowledgement.contracts.ts'
import type { Contract } from './contract.ts'
import { deliveryContracts } from './delivery.contracts.ts'
import { failureContracts } from './failure.contracts.ts'
import { fencingContracts } from './fencing.contracts.ts'
import { orderContracts } from './order.contracts.ts'
import { processContracts } from './process.contracts.ts'

/** Every guarantee of the messaging port; each adapter runs those whose needs it offers. */
export const contracts: readonly Contract[] = [
  ...deliveryContracts,
  ...orderContracts,
  ...acknowledgementContracts,
  ...failureContracts,
  ...fencingContracts,
  ...processContracts,
]
