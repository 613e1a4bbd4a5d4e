// The image has no curl. Ends with 0 when the process beside it is ready for work.
if (import.meta.main) {
  const url = `http://127.0.0.1:${process.env['OPS_PORT']}/readyz`
  const ready = await fetch(url, { signal: AbortSignal.timeout(4000) }).then(
    ({ ok }) => ok,
    () => false,
  )
  process.exitCode = ready ? 0 : 1
}
