import { join } from 'node:path'
import { npmFolder } from './npm-folder.ts'

/**
 * A command line that runs a file of ours on Node 22, the oldest line that reads TypeScript; npm
 * brings it into `.aero/` the first time.
 */
export const nodeCommand = async (): Promise<readonly string[]> => {
  const name = `node-${process.platform}-${process.arch}`
  const folder = await npmFolder(name, '22.23.3')
  return [join(folder, 'node_modules', name, 'bin/node'), '--no-warnings']
}
