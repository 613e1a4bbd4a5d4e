import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'

export type { Logger } from 'pino'

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LoggerOptions {
  readonly level: LogLevel
  /** Which process or role speaks: the field `name` of every line. */
  readonly name: string
  /** Where the lines go. Default: standard output. */
  readonly destination?: DestinationStream
}

// The call sites log allow-listed fields only. This is the net under them: names that must never be read.
const secretNames = [
  'authorization',
  'cookie',
  'credentials',
  'email',
  'first_name',
  'last_name',
  'national_id',
  'password',
  'password_hash',
  'personal',
  'tax_id',
  'ticket',
  'token',
  'access_token',
]

/**
 * A logger that writes one JSON object a line (`level` as a word, `time` in ISO 8601 UTC, `name`).
 * Secrets and personal data are replaced by `[redacted]`, at the top of a line and one level below it.
 */
export const createLogger = ({ level, name, destination }: LoggerOptions): Logger =>
  pino(
    {
      level,
      base: { name },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secretNames.flatMap((secret) => [secret, `*.${secret}`]),
        censor: '[redacted]',
      },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  )
