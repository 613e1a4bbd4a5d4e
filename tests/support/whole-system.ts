import type { BrokerUnderTest } from './on-each-broker.ts'
import { type Environment, type RunningProcess, start, temporaryHome } from './system.ts'

/** `./aero up` with a home of its own, and with these settings, for all tests of a suite. */
export const wholeSystem = (
  broker: BrokerUnderTest,
  settings: Environment = {},
): Pick<RunningProcess, 'commandUrl' | 'queryUrl' | 'tutorialUrl'> => {
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
