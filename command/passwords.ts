import { Transient } from '../shared/kernel/fates.ts'
import { semaphore } from '../shared/postgres/semaphore.ts'

/**
 * argon2id in the form that is stored (PHC string). Runs on threads of its own, two at once, since each
 * takes 19 MiB and tens of milliseconds of a core; 16 more wait, and whoever comes then is told to come
 * again: `Transient` slug `overloaded`.
 */
export interface Passwords {
  hash(password: string): Promise<string>
  /** False also for a `stored` of `undefined`, after the same work: time tells nobody whether a user exists. */
  verify(stored: string | undefined, password: string): Promise<boolean>
}

// Native code of several megabytes, for what most requests do not need.
const argon2 = () => import('@node-rs/argon2')

/** OWASP's first choice of parameters for argon2id; argon2id itself is the library's default. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

export const passwords = (atOnce = 2, queue = 16): Passwords => {
  const slots = semaphore(atOnce)
  let present = 0
  let decoy: Promise<string> | undefined

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (present >= atOnce + queue)
      throw new Transient('overloaded', 'Too many passwords are being checked. Try again soon.')
    present += 1
    try {
      return await slots.run(work)
    } finally {
      present -= 1
    }
  }
  return {
    hash: (password) => inTurn(async () => (await argon2()).hash(normalised(password), cost)),
    verify: (stored, password) =>
      inTurn(async () => {
        const { hash, verify } = await argon2()
        decoy ??= hash('nobody has this password', cost)
        const holds = await verify(stored ?? (await decoy), normalised(password))
        return holds && stored !== undefined
      }),
  }
}

/** One password, typed on another keyboard (RFC 8265, section 4.2 asks for a normal form). */
const normalised = (password: string) => password.normalize('NFKC')
