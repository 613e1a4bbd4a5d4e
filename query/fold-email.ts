/** Addresses that differ only in case or Unicode form are one (the write side's digest agrees). */
export const foldEmail = (email: string): string => email.normalize('NFKC').toLowerCase()
