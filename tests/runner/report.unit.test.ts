import { describe, expect, test } from 'bun:test'
import { countLine, readReport, settle, total } from './report.ts'

const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="4" failures="2" skipped="1">
  <testsuite name="a" file="a.unit.test.ts">
    <testsuite name="outer &gt; inner" file="a.unit.test.ts">
      <testcase name="it&apos;s 1 &lt; 2" classname="outer" time="0" file="a.unit.test.ts" line="2" />
      <testcase name="breaks" classname="" time="0" file="a.unit.test.ts">
        <failure type="AssertionError" message="&lt;skipped /&gt;">at a.unit.test.ts</failure>
      </testcase>
    </testsuite>
    <testcase name="waits" classname="" time="0" file="a.unit.test.ts"><skipped message="TODO" /></testcase>
  </testsuite>
  <testsuite name="b" file="b.unit.test.ts">
    <testcase name="(worker crashed)" classname="" file="b.unit.test.ts">
      <failure type="Error" message="worker process crashed before reporting results" />
    </testcase>
  </testsuite>
</testsuites>`

const green = { file: 'a.unit.test.ts', name: 'holds', state: 'passed' } as const

describe('a JUnit report', () => {
  test('is read case by case, whatever the nesting', () => {
    expect(readReport(xml)).toEqual([
      { file: 'a.unit.test.ts', name: "it's 1 < 2", state: 'passed' },
      { file: 'a.unit.test.ts', name: 'breaks', state: 'failed' },
      { file: 'a.unit.test.ts', name: 'waits', state: 'skipped' },
      { file: 'b.unit.test.ts', name: '(worker crashed)', state: 'failed' },
    ])
  })

  test('is counted as passed, failed and skipped', () => {
    const outcome = settle(['a.unit.test.ts', 'b.unit.test.ts'], readReport(xml), 1)
    expect(countLine(outcome)).toBe('1 passed, 2 failed, 1 skipped')
    expect(outcome.failed[0]).toBe('a.unit.test.ts: breaks')
  })
})

describe('a run that went wrong is never green', () => {
  test('a file that reported no test is a failure by name', () => {
    const { failed } = settle(['a.unit.test.ts', 'gone.unit.test.ts'], [green], 0)
    expect(failed).toHaveLength(1)
    expect(failed[0]).toStartWith('gone.unit.test.ts: ')
  })

  test('an exit code without a failed test is a failure', () => {
    expect(settle(['a.unit.test.ts'], [green], 137).failed[0]).toContain('137')
  })

  test('no test at all is a failure', () => {
    expect(countLine(total([]))).toBe('0 passed, 1 failed')
  })
})

test('the counts of several runs add up, without a skipped part when nothing was skipped', () => {
  const run = settle(['a.unit.test.ts'], [green], 0)
  expect(countLine(total([run, run]))).toBe('2 passed, 0 failed')
})
