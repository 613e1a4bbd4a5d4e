/**
 * Who may import whom: the arrows of the house as data. A room not listed here may import nothing,
 * so that a new one has to state its arrows first.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  shared: ['shared'],
  uow: ['shared', 'uow'],
  command: ['shared', 'uow', 'command'],
  query: ['shared', 'query'],
  cli: ['shared', 'uow', 'query', 'cli'],
  dashboard: ['shared', 'uow', 'query', 'dashboard'],
  tutorial: ['shared', 'tutorial'],
}

/** They wire or drive all rooms and import what they like; no room imports them. */
const outside: readonly string[] = [
  'main.ts',
  'drizzle.config.ts',
  'deploy',
  'tests',
  'benchmarks',
  'chaos',
]

/** In these rooms a folder is a module. */
const roomsOfModules: readonly string[] = ['command', 'query']

/** Folders there that are no modules but serve all of them, and know none; their tests may. */
const common: readonly string[] = ['query/http', 'query/projection']

/** Folders that import nothing of ours but themselves, so that they could be published alone. */
const islands: readonly string[] = ['shared/pulsar/']

export const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path)
export const isCode = (path: string): boolean => /\.tsx?$/.test(path)
export const roomOf = (path: string): string => path.split('/')[0] ?? ''

/** Code of a room, its tests excepted. */
export const inRoom = (path: string): boolean =>
  isCode(path) && !isTest(path) && !outside.includes(roomOf(path))

/** The only folder that may name a runtime. */
export const inRuntime = (path: string): boolean => path.startsWith('shared/runtime/')

/** A test beside a file has the arrows of its room, and may use what tests share. */
export const mayImport = (path: string, target: string): boolean => {
  const [from, to] = [roomOf(path), roomOf(target)]
  if (outside.includes(from) || (isTest(path) && to === 'tests')) return true
  return arrows[from]?.includes(to) ?? false
}

export const areSiblings = (path: string, target: string): boolean => {
  const [from, to] = [moduleOf(path), moduleOf(target)]
  if (from === undefined || to === undefined || common.includes(to)) return false
  if (isTest(path) && common.includes(from)) return false
  return from !== to && roomOf(from) === roomOf(to)
}

export const leavesIsland = (path: string, target: string): boolean =>
  !isTest(path) && islands.some((island) => path.startsWith(island) && !target.startsWith(island))

/** room/folder of a file in a module; undefined for a file of the room itself. */
const moduleOf = (path: string): string | undefined => {
  const [room = '', folder, file] = path.split('/')
  return roomsOfModules.includes(room) && file !== undefined ? `${room}/${folder}` : undefined
}
