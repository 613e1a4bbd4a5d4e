import type { PersonalData } from '../../shared/contracts/users.ts'
import type { StreamEvent, View } from '../projection/view.ts'
import { type OrderCustomerRow, orderCustomerTable } from './order.table.ts'

/** As much of the users' events as concerns orders: opened already, and `null` once erased. */
type UserEvent = StreamEvent<
  string,
  { readonly user_id: string; readonly personal?: PersonalData | null }
>

/** Who is it that orders? A view of the users' events, so that nobody has to be asked. */
export const orderCustomerView: View<OrderCustomerRow, UserEvent> = {
  name: 'order_customers',
  revision: 1,
  table: orderCustomerTable,
  rowId: ({ name, subject }) => (name === 'UserRegistered' ? subject : undefined),
  project(before, { subject: id, data: { personal } }) {
    if (personal === undefined) return before
    const name = personal && `${personal.first_name} ${personal.last_name}`
    return { id, name, email: personal?.email ?? null }
  },
}
