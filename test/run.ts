// npm test: finds or makes what the tests need, runs checks and tests, ends with `N passed, N failed`.
// Arguments name test files or folders; without any, everything runs.

import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { run as runFiles } from 'node:test'
import { spec } from 'node:test/reporters'
import { longestFirst } from './helpers/order.ts'
import { prepareTools } from './helpers/tools.ts'

const asked = process.argv.slice(2)
const counts = { passed: 0, failed: 0 }

Object.assign(process.env, prepareTools())
if (asked.length === 0) {
  // Each takes one core.
  await Promise.all([
    check('lint', ['node_modules/eslint/bin/eslint.js', '-c', '.eslint.mjs', 'src', 'test']),
    check('types', ['node_modules/typescript/bin/tsc']),
    check('format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']),
  ])
}
await runTests(asked.length > 0 ? asked.flatMap(findTests) : findTests('test'))
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1

async function check(name: string, args: string[]): Promise<void> {
  const ok = (await run(args)) === 0
  console.log(`${ok ? 'ok' : 'FAILED'} - ${name}`)
  counts[ok ? 'passed' : 'failed'] += 1
}

async function runTests(files: string[]): Promise<void> {
  const running = runFiles({ files: longestFirst(files), concurrency: 2 })
  // What a test says comes in the order of the files: until then this is all that is seen of it.
  running.on('test:dequeue', ({ name }) => files.includes(name) && console.error(`begun ${name}`))
  running.on('test:pass', ({ details, skip, todo }) => {
    // A skipped or a "to do" test is no pass: it counts as failed, so that nothing is left out unseen.
    if (!isSuite(details)) counts[skip === undefined && todo === undefined ? 'passed' : 'failed'] += 1
  })
  running.on('test:fail', ({ details }) => {
    if (!isSuite(details)) counts.failed += 1
  })
  await pipeline(running.compose(new spec()), process.stdout, { end: false })
}

function isSuite({ type }: { type?: string | undefined }): boolean {
  return type === 'suite'
}

function findTests(path: string): string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(path, name))
    .sort()
}

function run(args: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
