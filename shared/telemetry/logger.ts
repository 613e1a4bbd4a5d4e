import { type Logger, pino } from 'pino'

export type { Logger }

export interface LoggerOptions {
  readonly level: string
  readonly name: string
}

/**
 * JSON lines on standard output, written before the call returns, so that the last line before a
 * crash is there too. Errors go under `err`. Never log a body, a token or personal data.
 */
export const createLogger = ({ level, name }: LoggerOptions): Logger =>
  pino({
    level,
    name,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  })
