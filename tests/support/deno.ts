import { join } from 'node:path'
import { npmFolder } from './npm-folder.ts'

/** A command line that runs a file of ours on Deno, which npm brings into `.aero/` the first time. */
export const denoCommand = async (): Promise<readonly string[]> => {
  const flags = ['--allow-all', '--no-lock', '--node-modules-dir=manual', '--quiet']
  return [await binaryIn(await npmFolder('deno', '2.9.6')), 'run', ...flags]
}

// The package's own command is a script for Node; the binary for this machine lies beside it.
const binaryIn = async (folder: string): Promise<string> => {
  for await (const path of new Bun.Glob('node_modules/@deno/*/deno').scan(folder))
    return join(folder, path)
  throw new Error(`there is no Deno for this machine in ${folder}`)
}
