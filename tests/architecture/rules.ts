import {
  areSiblings,
  inRoom,
  inRuntime,
  isCode,
  isTest,
  leavesIsland,
  mayImport,
  roomOf,
} from './rooms.ts'
import { importsOf, type SourceFile } from './source.ts'

/** Finds what is wrong with one file: one text for each place, empty when nothing is. */
type Rule = (file: SourceFile) => readonly string[]

/** Holds for imports of our own files. */
const onOurs =
  (isWrong: (path: string, target: string) => boolean): Rule =>
  (file) =>
    importsOf(file).flatMap(({ specifier, target }) =>
      isCode(file.path) && target !== undefined && isWrong(file.path, target) ? [specifier] : [],
    )

/** Holds for what an import names, packages included. */
const onSpecifiers =
  (pattern: RegExp, applies: (path: string) => boolean): Rule =>
  (file) =>
    importsOf(file).flatMap(({ specifier }) =>
      applies(file.path) && pattern.test(specifier) ? [specifier] : [],
    )

const onText =
  (pattern: RegExp, applies: (path: string) => boolean): Rule =>
  ({ path, text }) =>
    applies(path) ? [...text.matchAll(pattern)].map(([found]) => found.trim()) : []

const onPath =
  (isWrong: (path: string) => boolean): Rule =>
  ({ path }) =>
    isWrong(path) ? [path] : []

const anywhere = () => true
const isTestCode = (path: string) => isTest(path) || (isCode(path) && roomOf(path) === 'tests')

// In a formatted file every statement of the module starts in column 0.
const effect =
  /^(?!(?:import|export|const|let|function|async function|class|abstract|interface|type|declare)\b|if \(import\.meta\.main\)|[\s})\]>/*`'"]).+/gm

export const rules = {
  'import against the arrows': onOurs((path, target) => !mayImport(path, target)),
  'import of a sibling module': onOurs(areSiblings),
  'import that leaves an island': onOurs(leavesIsland),
  'import of a test': onOurs((path, target) => isTest(target) && !isTest(path)),
  'import without its ending': onOurs((_, target) => !/\.\w+$/.test(target)),
  'import deeper than ../..': onSpecifiers(/^(\.\.\/){3}(?!tests\/)/, isCode),
  'module of Bun': onSpecifiers(/^bun(:|$)/, (path) => !isTestCode(path) && !inRuntime(path)),
  'module of a runtime or a URL': onSpecifiers(
    /^((node:)?process$|jsr:|https?:)/,
    (path) => inRoom(path) && !inRuntime(path),
  ),
  'computed import': onText(/\bimport\((?!\s*(?:\/\*.*?\*\/\s*)?["']).*/g, inRoom),
  'work at import time': onText(effect, inRoom),
  'wait at import time': onText(/^(?:export )?(?:const|let) .*= await .*/gm, inRoom),
  'variable of a module': onText(/^(?:export )?let .*/gm, inRoom),
  barrel: onText(/^export \* .*/gm, (path) => !/^[^/]+\/[^/]+\/index\.ts$/.test(path)),
  'banned name': onText(
    /^(?:export )?(?:abstract )?(?:class|interface|type) (?:I[A-Z][a-z]\w*|\w*Impl|Base[A-Z]\w*|\w*(?:Manager|Helper|Utils?)|Service)\b/gm,
    isCode,
  ),
  'file name not in kebab-case': onPath(
    (path) => isCode(path) && !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.[a-z0-9-]+)*\.tsx?$/.test(path),
  ),
  'test of no suite': onPath(
    (path) => isTest(path) && !/\.(unit|int|e2e|chaos)\.test\.tsx?$/.test(path),
  ),
  'test switched off': onText(
    /\b(?:test|it|describe)(?:\.\w+)*\.(?:skip|only|todo|failing)\b/g,
    isTestCode,
  ),
  'host of a package registry': onText(
    /\b(?:registry\.[a-z0-9.-]+\.(?:com|dev|io|net|org)|npm\.jsr\.io|npm\.pkg\.github\.com|repo1?\.maven\.(?:apache\.)?org)\b/g,
    anywhere,
  ),
  'address in the lockfile': onText(/https?:\/\/[^"\s]+/g, (path) => path === 'bun.lock'),
  'path of one machine': onText(/(?<![\w.~)}$/-])\/(?:work|root|home|Users)\/[\w.-]+/g, anywhere),
} as const satisfies Readonly<Record<string, Rule>>

export type RuleName = keyof typeof rules
