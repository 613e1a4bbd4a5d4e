import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { checkout } from '../../shared/runtime/home.ts'

/** What a container of the image would start with, its root being `root`. */
export interface ScratchImage {
  readonly root: string
  readonly workdir: string
  readonly environment: Readonly<Record<string, string>>
  readonly entrypoint: readonly string[]
  /** The path that the image calls so. */
  at(path: string): string
  remove(): void
}

interface Stage {
  readonly root: string
  workdir: string
  environment: Record<string, string>
  entrypoint: readonly string[]
}

/**
 * Carries out the steps of the Dockerfile in their order, each stage in a folder of its own that stands
 * for its root. Base images are empty: what they bring (Bun, a shell) is what this machine has.
 */
export async function scratchImage(): Promise<ScratchImage> {
  const folder = mkdtempSync(join(tmpdir(), 'aero-image-'))
  const stages = new Map<string, Stage>()
  let stage: Stage | undefined
  for (const [word, rest] of instructions()) {
    if (word === 'FROM') {
      const root = join(folder, String(stages.size))
      stage = { root, workdir: '/', environment: {}, entrypoint: [] }
      // Bun as its base image has it: the PATH of this machine need not know any.
      mkdirSync(join(root, 'usr/local/bin'), { recursive: true })
      symlinkSync(process.execPath, join(root, 'usr/local/bin/bun'))
      stages.set(/ AS (\S+)$/.exec(rest)?.[1] ?? 'last', stage)
    } else if (stage) await step(word, rest, stage, stages)
  }
  const last = stages.get('last')
  if (!last) throw new Error('the Dockerfile has no last stage')
  return {
    ...last,
    at: (path) => join(last.root, path),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** One a line; comments and empty lines left out. */
const instructions = (): readonly (readonly [string, string])[] =>
  readFileSync(join(checkout, 'Dockerfile'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])

async function step(word: string, rest: string, stage: Stage, stages: Map<string, Stage>) {
  if (word === 'WORKDIR') {
    stage.workdir = rest
    mkdirSync(join(stage.root, rest), { recursive: true })
  } else if (word === 'ENV') {
    for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=(\S+)/g))
      stage.environment[name] = value
  } else if (word === 'ENTRYPOINT') stage.entrypoint = JSON.parse(rest) as string[]
  else if (word === 'COPY') copy(rest, stage, stages)
  else if (word === 'RUN') await runIn(rest, stage)
  else if (!['USER', 'CMD'].includes(word)) throw new Error(`a step that is not known: ${word}`)
}

function copy(words: string, stage: Stage, stages: Map<string, Stage>): void {
  const [, from, sources = '', target = ''] =
    /^(?:--from=(\S+) )?(?:--chown=\S+ )?(.+) (\S+)$/.exec(words) ?? []
  const destination = join(stage.root, resolve(stage.workdir, target))
  for (const source of sources.split(' ')) {
    if (from !== undefined) {
      cpSync(join(stages.get(from)?.root ?? from, source), destination, { recursive: true })
    } else for (const file of contextFiles(source)) copyFile(file, destination)
  }
}

function copyFile(file: string, destination: string): void {
  const target = join(destination, file)
  mkdirSync(dirname(target), { recursive: true })
  cpSync(join(checkout, file), target)
}

/** What the build sees of the checkout: the last pattern of .dockerignore that fits decides. */
function contextFiles(source: string): readonly string[] {
  const patterns = readFileSync(join(checkout, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keep: line.startsWith('!'), glob: new Bun.Glob(line.replace('!', '')) }))
  const kept = (file: string) =>
    patterns.findLast(({ glob }) => parents(file).some((path) => glob.match(path)))?.keep ?? true
  return filesOf(source).filter(kept)
}

// Left out whatever the patterns say: they are large, and nothing of them may come in.
const never = ['.git', '.aero', 'node_modules']

function filesOf(source: string): readonly string[] {
  const names = source === '.' ? readdirSync(checkout) : [source]
  return names
    .filter((name) => !never.includes(name))
    .flatMap((name) => {
      const path = join(checkout, name)
      if (!statSync(path).isDirectory()) return [name]
      const inside = readdirSync(path, { recursive: true, encoding: 'utf8' })
      return inside
        .filter((file) => statSync(join(path, file)).isFile())
        .map((file) => `${name}/${file}`)
    })
}

/** A pattern that fits a folder fits all that is in it. */
const parents = (file: string): readonly string[] =>
  file.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'))

const pathIn = ({ root }: Stage) => `${join(root, 'usr/local/bin')}:${process.env['PATH']}`

async function runIn(command: string, stage: Stage): Promise<void> {
  const inside = command.replaceAll(/(?<= )\/(?=\w)/g, `${stage.root}/`)
  const child = Bun.spawn(['sh', '-ec', inside], {
    cwd: join(stage.root, stage.workdir),
    env: { ...process.env, ...stage.environment, PATH: pathIn(stage) },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const said = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  if ((await child.exited) !== 0) throw new Error(`RUN ${command}: ${said.join('')}`)
}
