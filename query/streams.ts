import type { UserVault } from '../shared/vault/user-keys.ts'
import { flightStream } from './flights/flight.view.ts'
import { holdStream, productStream, stockStream } from './products/product.streams.ts'
import type { Stream } from './projection/view.ts'
import { reservationStream } from './reservations/reservation.stream.ts'
import { userStream } from './users/user.stream.ts'

/** Everything that views are made from, in the order in which their rows are locked. */
export const allStreams = (vault: UserVault): readonly Stream[] => [
  reservationStream,
  flightStream,
  userStream(vault),
  productStream,
  stockStream,
  holdStream,
]
