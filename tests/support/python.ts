import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkout } from '../../shared/runtime/home.ts'

/** The official C++ client, what its Avro schemas need, and Murmur3, which it has not. */
const packages = ['pulsar-client==3.13.0', 'fastavro==1.13.1', 'certifi==2026.10.18', 'mmh3==5.3.1']

// Named after its contents: other packages than these make another one.
const folder = join(checkout, '.aero', 'python', packages.join('+'))
const interpreter = (at: string) => join(at, 'bin', 'python')

/** Whether a Python with the official client is there already, or can be made here. */
export const canHavePython = (): boolean => existsSync(folder) || installer() !== undefined

/**
 * The path of a Python that has the official Pulsar client, in a virtual environment of its own under
 * `.aero/python`. The first process that asks fetches it from PyPI (20 MB); of those that ask at once
 * each gets a whole one.
 */
export const python = async (): Promise<string> => {
  if (!existsSync(folder)) await make()
  return interpreter(folder)
}

const howToGetIt =
  'tests beside the official Pulsar client need Python 3.9 or later with venv or pip. ' +
  'Debian and Ubuntu: apt install python3-venv; macOS: brew install python'

/** Debian leaves out what puts pip into a new environment; its own pip does as well. */
const installer = (): 'venv' | 'pip' | undefined => {
  const has = (module: string) =>
    spawnSync('python3', ['-c', `import venv, ${module}`]).status === 0
  if (has('ensurepip')) return 'venv'
  return has('pip') ? 'pip' : undefined
}

// Renamed when it is complete, so that a broken download is not taken for one.
const make = async () => {
  const by = installer()
  if (!by) throw new Error(howToGetIt)
  const draft = `${folder}.${process.pid}`
  mkdirSync(dirname(folder), { recursive: true })
  const without = by === 'pip' ? ['--without-pip'] : []
  await run(['python3', '-m', 'venv', ...without, draft])
  const pip =
    by === 'venv'
      ? [interpreter(draft), '-m', 'pip']
      : ['python3', '-m', 'pip', '--python', interpreter(draft)]
  const quietly = ['--quiet', '--no-input', '--disable-pip-version-check', '--only-binary=:all:']
  await run([...pip, 'install', ...quietly, ...packages])
  try {
    renameSync(draft, folder)
  } catch (error) {
    // Another process was quicker: a folder that is not empty is never replaced.
    rmSync(draft, { recursive: true })
    if (!existsSync(folder)) throw error
  }
}

const run = async (command: readonly string[]) => {
  const child = Bun.spawn([...command], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const words = await Promise.all(
    [child.stdout, child.stderr].map((out) => new Response(out).text()),
  )
  if ((await child.exited) === 0) return
  throw new Error(`${command.slice(0, 4).join(' ')} failed: ${words.join('').trim()}`)
}
