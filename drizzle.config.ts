import { defineConfig } from 'drizzle-kit'

const tables: Readonly<Record<string, string>> = {
  broker: './shared/embedded/broker/*.table.ts',
  delivery: './shared/delivery/*.table.ts',
  uow: './uow/*.table.ts',
  write: './command/**/*.table.ts',
  read: './query/**/*.table.ts',
}

const set = process.env.SET ?? ''
const schema = tables[set]
// Only when generating: tools that list the project's files load this without a set.
if (!schema && process.argv.includes('generate')) {
  throw new Error(`SET is "${set}": choose one of ${Object.keys(tables).join(', ')}`)
}

export default defineConfig({
  dialect: 'postgresql',
  schema: schema ?? Object.values(tables),
  out: `./migrations/${set}`,
})
