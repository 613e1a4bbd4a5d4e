import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../shared/runtime/home.ts'

/** Keeps what was measured in `.aero/bench/<time>.json`. */
export const saveResults = (results: object): void => {
  const folder = join(checkout, '.aero', 'bench')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${new Date().toISOString().replaceAll(':', '-')}.json`)
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
  console.log(`written to ${file}`)
}
