import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
const tool = (path: string) => join(root, 'node_modules', path)

/** The slow ones first, so that two at a time end together. Each is a command line for Bun itself. */
const steps: Readonly<Record<string, readonly string[]>> = {
  'unit tests': ['tests/run.ts', '.unit.test.'],
  'unused code': [tool('knip/bin/knip-bun.js'), '--no-progress', '--no-config-hints'],
  lint: [tool('oxlint/bin/oxlint')],
  types: ['check', '--no-script', '--no-pretty'],
  format: ['fmt', '--no-script', '--check'],
}

interface Finding {
  readonly step: string
  readonly ok: boolean
  readonly output: string
}

const runStep = async ([step, args]: [string, readonly string[]]): Promise<Finding> => {
  const started = performance.now()
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${exitCode === 0 ? 'ok    ' : 'FAILED'} ${step} (${seconds} s)`)
  return { step, ok: exitCode === 0, output: `${err}${out}`.trim() }
}

/** Two at a time: the machines that run this have two cores. */
const runAll = async (): Promise<readonly Finding[]> => {
  const waiting = Object.entries(steps)
  const findings: Finding[] = []
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      findings.push(await runStep(next))
  }
  await Promise.all([worker(), worker()])
  return findings
}

if (import.meta.main) {
  const failed = (await runAll()).filter((finding) => !finding.ok)
  for (const { step, output } of failed) console.log(`\n--- ${step} ---\n${output}`)
  if (failed.length > 0) console.log(`\ncheck failed: ${failed.map(({ step }) => step).join(', ')}`)
  process.exitCode = failed.length > 0 ? 1 : 0
}
