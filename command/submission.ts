import type { Context } from 'hono'
import type { DataOf } from '../shared/contracts/contract.ts'
import type { CommandName, Commands } from '../shared/contracts/topology.ts'
import type { EdgeEnv } from '../shared/http/edge-env.ts'

/** A request that became a command. */
export interface Submission<Name extends CommandName = CommandName> {
  readonly name: Name
  /** Id of the thing it is for; absent when it makes one under a new id. */
  readonly target?: string
  /** It makes the thing, whose id is known before. */
  readonly makes?: boolean
  /** What was asked for, as parsed: repeats of a keyed request are recognised by it. */
  readonly body: unknown
  /** Made after a key was claimed, since a repeat speaks of the same thing. */
  readonly data: (targetId: string) => DataOf<Commands[Name]> | Promise<DataOf<Commands[Name]>>
}

/** Sends a command and answers for it: 202, or 200 with the receipt where the sender waits for it. */
export type SendCommand = <Name extends CommandName>(
  c: Context<EdgeEnv>,
  submission: Submission<Name>,
) => Promise<Response>
