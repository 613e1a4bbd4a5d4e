// Beside the listing itself, since the command line names the formats before anything is listed.

export const listingFormats = ['table', 'json', 'yaml'] as const

export type ListingFormat = (typeof listingFormats)[number]
