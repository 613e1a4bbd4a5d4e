declare module 'parse-prefer-header' {
  /** Preference (in camel case) -> value; `true` for one without a value. */
  const parsePreferHeader: (header: string | undefined) => Readonly<Record<string, string | true>>
  export default parsePreferHeader
}
