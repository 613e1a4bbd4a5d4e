import { checkout } from '../../shared/runtime/home.ts'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** `./aero` with these words, without a terminal, beside a system of that home on the embedded broker. */
export const aeroIn =
  (home: string) =>
  async (...words: readonly string[]): Promise<Said> => {
    const child = Bun.spawn([process.execPath, 'main.ts', ...words], {
      cwd: checkout,
      env: { ...process.env, PULSAR_URL: '', AERO_HOME: home },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [out, err, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    return { code, out, err }
  }
