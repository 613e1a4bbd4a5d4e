import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { currentUser } from '../../runtime/machine.ts'
import type { Binaries } from './binaries.ts'

const nobody = 65534

/** As whom Postgres runs: a prefix for the command line, and what `spawn` needs. */
export interface Account {
  readonly prefix: readonly string[]
  readonly identity: { readonly uid?: number; readonly gid?: number }
  own(path: string): void
}

const self: Account = { prefix: [], identity: {}, own: () => {} }

const unprivileged: Account = {
  prefix: [],
  identity: { uid: nobody, gid: nobody },
  own: (path) => chownSync(path, nobody, nobody),
}

// Inside the namespace root is seen as somebody else, while the files stay root's: it reaches
// what the unprivileged account cannot, such as a checkout in root's own 0700 home.
const disguised: Account = {
  prefix: ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`],
  identity: {},
  own: (path) => chownSync(path, 0, 0),
}

/**
 * Chooses the account by trying, and gives it the folder: Postgres refuses to run as root. `folder`
 * must exist. Processes that choose at once do not disturb each other, and choose the same.
 * Throws where root can neither step down nor disguise itself, with what to change.
 */
export function chooseAccount(binaries: Binaries, folder: string): Account {
  if (currentUser() !== 0) return self
  const account = [unprivileged, disguised].find((candidate) => works(candidate, binaries, folder))
  account?.own(folder)
  if (account) return account
  throw new Error(
    `Postgres cannot run as root, and the account ${nobody} cannot reach ${binaries.native} or ` +
      `${folder}. Start as another user, or move the checkout (and AERO_HOME) to a folder that ` +
      'everybody may enter.',
  )
}

// Tried on a folder of its own beside the real one, which others may be trying for at this moment.
function works(account: Account, binaries: Binaries, folder: string): boolean {
  const trial = mkdtempSync(`${folder}.trial-`)
  try {
    account.own(trial)
    const probe = '"$0" --version && "$1" --version && test -w "$2"'
    const words = [...account.prefix, 'sh', '-c', probe, binaries.postgres, binaries.initdb, trial]
    const [command = '', ...rest] = words
    const options = { ...account.identity, cwd: '/', stdio: 'ignore' } as const
    return spawnSync(command, rest, options).status === 0
  } finally {
    rmSync(trial, { recursive: true, force: true })
  }
}
