import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../../shared/runtime/home.ts'

const version = '2.9.6'

/** A command line that runs a file of ours on Deno, which npm brings into `.aero/` the first time. */
export const denoCommand = async (): Promise<readonly string[]> => {
  const folder = join(checkout, '.aero', `deno-${version}`)
  if (!existsSync(folder)) await install(folder)
  const flags = ['--allow-all', '--no-lock', '--node-modules-dir=manual', '--quiet']
  return [await binaryIn(folder), 'run', ...flags]
}

// Renamed when it is complete, so that a broken download is not taken for one.
const install = async (folder: string) => {
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  await Bun.write(
    join(draft, 'package.json'),
    JSON.stringify({ private: true, dependencies: { deno: version } }),
  )
  const child = Bun.spawn([process.execPath, 'install', '--no-progress'], {
    cwd: draft,
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const words = await new Response(child.stderr).text()
  if ((await child.exited) !== 0) throw new Error(`Deno could not be installed: ${words}`)
  rmSync(folder, { recursive: true, force: true })
  renameSync(draft, folder)
}

// The package's own command is a script for Node; the binary for this machine lies beside it.
const binaryIn = async (folder: string): Promise<string> => {
  for await (const path of new Bun.Glob('node_modules/@deno/*/deno').scan(folder))
    return join(folder, path)
  throw new Error(`there is no Deno for this machine in ${folder}`)
}
