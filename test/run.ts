// npm test: finds or makes what the tests need, runs checks and tests, ends with `N passed, N failed`.
// Arguments name test files or folders; without any, everything runs.

import { spawn } from 'node:child_process'
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareTools } from './helpers/tools.ts'

const asked = process.argv.slice(2)
const counts = { passed: 0, failed: 0 }

const env = { ...process.env, ...prepareTools() }
if (asked.length === 0) {
  await check('types', ['node_modules/typescript/bin/tsc'])
  await check('lint', ['node_modules/eslint/bin/eslint.js', '-c', '.eslint.mjs', 'src', 'test'])
  await check('format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'])
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
  const summary = join(tmpdir(), `wasmate-tests-${process.pid}.json`)
  const code = await run([
    '--import',
    'tsx',
    '--test',
    '--test-concurrency=2',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./test/helpers/summary.mjs',
    `--test-reporter-destination=${summary}`,
    ...files,
  ])
  const { passed, failed } = JSON.parse(readFileSync(summary, 'utf8')) as typeof counts
  rmSync(summary)
  counts.passed += passed
  // A file that ends badly without a failing test is a failure all the same.
  counts.failed += failed === 0 && code !== 0 ? 1 : failed
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
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], env })
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
