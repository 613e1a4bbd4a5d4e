import { afterAll, beforeAll } from 'bun:test'
import { type RunningProcess, start, temporaryHome } from './system.ts'

/** `./aero up` with a home of its own, for all tests of a file. */
export const wholeSystem = (): Pick<RunningProcess, 'commandUrl' | 'queryUrl' | 'tutorialUrl'> => {
  const home = temporaryHome()
  let system: RunningProcess
  beforeAll(async () => {
    const until = ['commandUrl', 'queryUrl', 'tutorialUrl'] as const
    system = await start(['up'], { home: home.folder, until })
  }, 60_000)
  afterAll(async () => {
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
