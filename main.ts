import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import packageJson from './package.json' with { type: 'json' }
import { adminGroups, type GroupName } from './cli/admin/groups.ts'
import { addDeadLetterOperations } from './cli/dead-letter-operations.ts'
import { addEventOperations } from './cli/event-operations.ts'
import { Exit, exitCodes } from './cli/exit.ts'
import type { ListingFormat } from './cli/listing-formats.ts'
import { addLaneOperations } from './cli/lane-operations.ts'
import { addTopologyOperations } from './cli/operations.ts'
import { addPaymentOperations } from './cli/payment-operations.ts'
import { addProjectionOperations } from './cli/projection-operations.ts'
import { parseRoles, requireStyle } from './cli/role-words.ts'
import { addSagaOperations } from './cli/saga-operations.ts'
import type { Wiring } from './cli/run.ts'
import { homeFolder, isOnThisMachine, makeSecrets, readSecrets } from './shared/runtime/home.ts'
import {
  BadSetting,
  readSettings,
  type Settings,
  type SettingSource,
} from './shared/runtime/settings.ts'
import { stopSignal } from './shared/runtime/signals.ts'
import { createLogger, type Logger } from './shared/telemetry/logger.ts'

// Rooms are loaded by the command that needs them, so that none waits for what another uses.

const home = () => homeFolder(process.env)

const settingsHere = (): SettingSource => readSettings(process.env, readSecrets(home()))

// While database and broker are on this machine, so is everything that shares its secrets: whoever
// comes first may make them. Otherwise other machines need the same ones: they have to be given.
const isShared = ({ DATABASE_URL, PULSAR_URL } = process.env): boolean =>
  Boolean(DATABASE_URL || (PULSAR_URL && !isOnThisMachine(PULSAR_URL)))

function settingsForRoles(): SettingSource & { readonly madeSecrets: boolean } {
  const kept = readSecrets(home())
  const secrets = isShared() ? kept : makeSecrets(home())
  return {
    ...readSettings(process.env, secrets),
    madeSecrets: secrets['CREDENTIAL_KEY'] !== kept['CREDENTIAL_KEY'],
  }
}

// Before anything large is loaded: whoever started this sees at once that it does start.
function announce(what: string, { logLevel }: Settings): Logger {
  const logger = createLogger({ level: logLevel, name: 'aero' })
  logger.info({ home: home() }, `starting: ${what}`)
  return logger
}

async function loadWiring(): Promise<Wiring> {
  const [command, query, tutorial] = await Promise.all([
    import('./command/bootstrap.ts'),
    import('./query/bootstrap.ts'),
    import('./tutorial/bootstrap.ts'),
  ])
  return {
    roles: { ...command.roles, ...query.roles, ...tutorial.roles },
    seedDemo: command.seedDemo,
    brokers: await import('./cli/brokers.ts'),
  }
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new InvalidArgumentError('Expected a port from 0 (any free one) to 65535.')
}

const operationContext = {
  settings: () => settingsHere().settings,
  home,
  print: console.log,
  progress: (line: string) => console.error(`aero: ${line}`),
  payments: () => import('./command/payments/call-listing.ts'),
  ask: async () => (await import('./cli/confirm.ts')).askOn(process.stdin, process.stderr),
}

const commands: readonly ((aero: Command) => void)[] = [
  (aero) =>
    aero
      .command('up')
      .description('run the whole system on this machine until Ctrl-C')
      .action(async () => {
        const stop = stopSignal()
        const { settings } = readSettings(process.env, makeSecrets(home()))
        const logger = announce('up', settings)
        const { up } = await import('./cli/up.ts')
        await up({
          settings,
          logger,
          home: home(),
          loadWiring,
          stopSignal: stop,
          print: console.log,
        })
      }),
  (aero) =>
    aero
      .command('run')
      .description('run one or more roles in this process until Ctrl-C')
      .argument('<role...>', 'names of roles')
      .action(async (words: string[]) => {
        const stop = stopSignal()
        const names = parseRoles(words)
        const { settings, madeSecrets } = settingsForRoles()
        requireStyle(names, settings.orderFulfilment)
        const logger = announce(`run ${words.join(' ')}`, settings)
        if (madeSecrets && settings.pulsarUrl !== undefined)
          logger.warn(
            `secrets were made in ${home()}: processes with another AERO_HOME need the same`,
          )
        const { run } = await import('./cli/run.ts')
        await run({ settings, logger, home: home(), names, loadWiring, stopSignal: stop })
      }),
  (aero) =>
    aero
      .command('migrate')
      .description('bring the databases up to date; safe to start many times at once')
      .action(async () => {
        const { migrateDatabases } = await import('./cli/databases.ts')
        await migrateDatabases(settingsHere().settings, home())
        console.log('the databases are up to date')
      }),
  (aero) =>
    aero
      .command('config')
      .description('every setting: name, value, source, meaning')
      .addOption(
        new Option('--output <format>', 'form of the list')
          .choices(['table', 'json', 'yaml'])
          .default('table'),
      )
      .action(async ({ output }: { output: ListingFormat }) => {
        const { configListing } = await import('./cli/config.ts')
        console.log(configListing(settingsHere(), output))
      }),
  (aero) =>
    aero
      .command('pulsar')
      .description('a real Apache Pulsar on this machine until Ctrl-C; needs Java 17+ and Maven')
      .option('--clean', 'delete its data first', false)
      .option('--port <port>', 'where clients reach it', portNumber, 6650)
      .option('--web-port <port>', 'where its admin interface is', portNumber, 8080)
      .action(async (options: { clean: boolean; port: number; webPort: number }) => {
        const stop = stopSignal()
        const { runPulsar } = await import('./cli/pulsar.ts')
        await runPulsar({
          ...options,
          environment: process.env,
          home: home(),
          stopSignal: stop,
          print: console.log,
          progress: (line) => console.error(`aero: ${line}`),
        })
      }),
  (aero) =>
    aero
      .command('test')
      .description('run every suite, or those whose path contains a pattern')
      .argument('[pattern...]', 'parts of paths')
      .action(async (patterns: string[]) => {
        const { runSuites } = await import('./tests/run.ts')
        process.exitCode = await runSuites(patterns)
      }),
  (aero) =>
    aero
      .command('bench')
      .description('measure this system on this machine')
      .argument('[argument...]')
      .allowUnknownOption()
      .action(async (_words: string[], _options: object, { args }: Command) => {
        const { runBench } = await import('./benchmarks/main.ts')
        process.exitCode = await runBench(args)
      }),
  (aero) => addTopologyOperations(aero, operationContext),
  (aero) => addSagaOperations(aero, operationContext),
  (aero) => addPaymentOperations(aero, operationContext),
  (aero) => addProjectionOperations(aero, operationContext),
  (aero) => addDeadLetterOperations(aero, operationContext),
  (aero) => addLaneOperations(aero, operationContext),
  (aero) => addEventOperations(aero, operationContext),
  ...(Object.keys(adminGroups) as GroupName[]).map((group) => (aero: Command) => {
    aero
      .command(group)
      .description(adminGroups[group].description)
      .argument('[word...]', 'a command and its arguments')
      // All words are the group's own, --help too.
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action(async (words: string[]) => {
        const [{ runAdmin }, { askOn }] = await Promise.all([
          import('./cli/admin/run-verb.ts'),
          import('./cli/confirm.ts'),
        ])
        await runAdmin(group, words, {
          settings: settingsHere().settings,
          readInput: () => Bun.stdin.text(),
          now: () => new Date(),
          print: console.log,
          ask: askOn(process.stdin, process.stderr),
        })
      })
  }),
]

function program(): Command {
  const aero = new Command('aero')
    .description(
      'AeroAlpes: flights, users, products and orders; commands and events over a broker',
    )
    .version(packageJson.version)
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(./aero --help lists the commands)')
  for (const add of commands) add(aero)
  return aero
}

function exitCodeOf(error: unknown): number {
  // Commander has written its own message; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage
  console.error(`aero: ${error instanceof Error ? error.message : String(error)}`)
  if (process.env.LOG_LEVEL === 'debug' && error instanceof Error) console.error(error.stack)
  if (error instanceof Exit) return error.code
  return error instanceof BadSetting ? exitCodes.usage : exitCodes.failed
}

try {
  await program().parseAsync()
} catch (error) {
  // A role that does not drain holds sockets and timers; it must not hold the process too.
  process.exit(exitCodeOf(error))
}
