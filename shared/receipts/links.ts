import { type CommandName, commands } from '../contracts/topology.ts'
import { namedVersion } from '../contracts/upcasting.ts'

/** Where on the query side the thing of a command is read. */
const paths = {
  CreateReservation: '/reservations',
  ApproveReservation: '/reservations',
  PayReservation: '/reservations',
  CancelReservation: '/reservations',
  RegisterUser: '/users',
  ValidateUser: '/users',
  DeactivateUser: '/users',
  AddReservationToUser: '/users',
  ScheduleFlight: '/flights',
  CreateProduct: '/products',
  UpdateProduct: '/products',
  AdjustStock: '/products',
  HoldStock: '/orders',
  ReleaseStock: '/orders',
  CommitStock: '/orders',
  ChargePayment: '/orders',
  RefundPayment: '/orders',
  RecordPaymentOutcome: '/orders',
  PrepareShipment: '/orders',
  CancelShipment: '/orders',
  CreateOrder: '/orders',
  PayOrder: '/orders',
  CancelOrder: '/orders',
  MarkOrderReserved: '/orders',
  MarkOrderPaid: '/orders',
  MarkOrderShipped: '/orders',
} as const satisfies Readonly<Record<CommandName, string>>

const names = Object.keys(paths) as readonly CommandName[]

/**
 * The address of a command's thing on the query side. `type` is the command's `ce_type`, of any
 * version; one that is not known here gives the address of the query side itself.
 */
export const hrefOf = (queryUrl: string, type: string, id: string): string => {
  const name = names.find((known) => namedVersion(commands[known], type) !== undefined)
  return name ? `${trimmed(queryUrl)}${paths[name]}/${encodeURIComponent(id)}` : trimmed(queryUrl)
}

/** The path of a receipt, the same on every API: `Location` of a 202. */
export const receiptPath = (commandId: string, ticket: string): string =>
  `/commands/${encodeURIComponent(commandId)}?ticket=${ticket}`

/** The receipt's address from outside. */
export const statusUrlOf = (commandUrl: string, commandId: string, ticket: string): string =>
  `${trimmed(commandUrl)}${receiptPath(commandId, ticket)}`

const trimmed = (url: string) => url.replace(/\/+$/, '')
