import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'

export interface SourceFile {
  /** From the root of the checkout, with forward slashes. */
  readonly path: string
  readonly text: string
}

export interface Import {
  readonly specifier: string
  /** Path of the imported file from the root; undefined for packages and `node:` modules. */
  readonly target: string | undefined
}

const generated = new Set(['node_modules', '.git', '.aero', 'coverage'])

/** Every file of the checkout that people wrote; works without git, in an image for example. */
export const readCheckout = async (root: string): Promise<readonly SourceFile[]> => {
  const top = (await readdir(root, { withFileTypes: true })).filter(
    ({ name }) => !generated.has(name),
  )
  const inside = async (name: string) => {
    const paths = await readdir(join(root, name), { recursive: true, withFileTypes: true })
    return paths
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  }
  const files = await Promise.all(
    top.map((entry) => (entry.isDirectory() ? inside(entry.name) : [join(root, entry.name)])),
  )
  const read = async (path: string) => ({
    path: path.slice(root.length + 1),
    text: await readFile(path, 'utf8'),
  })
  return Promise.all(files.flat().map(read))
}

// Static, type-only, re-exported and dynamic imports, `import('./x.ts').Type` and URLs of code too.
// Words in a string can raise a false alarm, which shows; clever parsing could hide a real import.
const specifiers =
  /\b(?:from|import|(?:import|require|resolve)\s*\((?:\s*\/\*.*?\*\/)?|new URL\s*\((?=\s*.[^"'`\n]+\.tsx?["'`]))\s*(["'`])([^"'`\n]+)\1/g
const commentLine = /^\s*(?:\/\/|\/?\*).*$/gm

export const importsOf = ({ path, text }: SourceFile): readonly Import[] =>
  [...text.replace(commentLine, '').matchAll(specifiers)].map(([, , specifier = '']) => ({
    specifier,
    target: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined,
  }))
