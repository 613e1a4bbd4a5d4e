import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../../shared/runtime/home.ts'

/** A folder in `.aero/` that holds a package of npm, which brings it there the first time. */
export const npmFolder = async (name: string, version: string): Promise<string> => {
  const folder = join(checkout, '.aero', `${name}-${version}`)
  if (!existsSync(folder)) await install(folder, { [name]: version })
  return folder
}

// Renamed when it is complete, so that a broken download is not taken for one.
const install = async (folder: string, dependencies: Readonly<Record<string, string>>) => {
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  await Bun.write(join(draft, 'package.json'), JSON.stringify({ private: true, dependencies }))
  const child = Bun.spawn([process.execPath, 'install', '--no-progress'], {
    cwd: draft,
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const words = await new Response(child.stderr).text()
  if ((await child.exited) !== 0) throw new Error(`${folder} could not be installed: ${words}`)
  rmSync(folder, { recursive: true, force: true })
  renameSync(draft, folder)
}
