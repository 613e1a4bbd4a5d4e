import { derivedId } from '../shared/kernel/ids.ts'

/** The id of a command's event, counted from 0: the same whenever the command is decided again. */
export const eventId = (commandId: string, index: number): string =>
  derivedId(commandId, String(index))
