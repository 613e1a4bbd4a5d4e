import { newId } from '../kernel/ids.ts'

const visibleAscii = /^[\x21-\x7e]{1,128}$/

/** The id that the sender gave, when it is 1 to 128 visible ASCII characters; a new one otherwise. */
export const requestId = (header: string | undefined): string =>
  header !== undefined && visibleAscii.test(header) ? header : newId()
