import { checkout } from '../../shared/runtime/home.ts'
import type { BrokerUnderTest } from './on-each-broker.ts'
import { type Environment, type RunningProcess, start, temporaryHome } from './system.ts'

export interface WholeSystem extends Pick<
  RunningProcess,
  'commandUrl' | 'queryUrl' | 'tutorialUrl'
> {
  /** What `./aero` with these words prints beside the system; fails unless it ends with 0. */
  aero(...words: readonly string[]): Promise<string>
}

/** `./aero up` with a home of its own, and with these settings, for all tests of a suite. */
export const wholeSystem = (broker: BrokerUnderTest, settings: Environment = {}): WholeSystem => {
  const home = temporaryHome()
  let system: RunningProcess
  broker.before(async () => {
    const until = ['commandUrl', 'queryUrl', 'tutorialUrl'] as const
    const env = { ...broker.environment(), ...settings }
    system = await start(['up'], { home: home.folder, env, until })
  })
  broker.after(async () => {
    await system.stop()
    home.remove()
  })
  return {
    async aero(...words) {
      const env = { ...process.env, ...broker.environment(), ...settings, AERO_HOME: home.folder }
      const child = Bun.spawn([process.execPath, 'main.ts', ...words], { cwd: checkout, env })
      const [output, code] = await Promise.all([new Response(child.stdout).text(), child.exited])
      if (code !== 0) throw new Error(`./aero ${words.join(' ')} ended with ${code}`)
      return output
    },
    get commandUrl() {
      return system.commandUrl
    },
    get queryUrl() {
      return system.queryUrl
    },
    get tutorialUrl() {
      return system.tutorialUrl
    },
  }
}
