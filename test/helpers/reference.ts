// The same calls of the same module on the Extism SDK and on our runner.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { WasmateError } from '../../src/base/errors.ts'
import type { LogLine } from '../../src/host-trace.ts'
import { CallError } from '../../src/runner/runner.ts'
import { temporaryFolder } from './folder.ts'
import { startRunner } from './runner.ts'

const config = { color: 'blue', ключ: 'значение' }

/** Exports and inputs in the order they are called, on one instance. */
export type Calls = [name: string, input: string | Uint8Array][]

/** Output, what the function said was wrong, a host that is not allowed, or the trap in V8's words. */
type Ending = { output: string } | { error: string } | { refused: true } | { trap: string }

/** With `level message` of each line that was logged or printed, in the order of the alphabet. */
export type Outcome = Ending & { logs?: string[] }

export interface Conditions {
  allowedHosts?: string[]
  /** In a thread of the SDK's: on Node 20 the only place where it does http_request. */
  inWorker?: boolean
  /** The SDK keeps vars from call to call only when it lets go of no block. */
  keepsVars?: boolean
}

interface Answer {
  output?: string
  message?: string
  logs: string[]
}

export async function askReference(
  t: TestContext,
  bytes: Uint8Array,
  calls: Calls,
  { allowedHosts = [], inWorker = false, keepsVars = false }: Conditions = {},
): Promise<Outcome[]> {
  const folder = await temporaryFolder(t)
  const options = { config, allowedHosts, runInWorker: inWorker }
  const asked = { calls: calls.map(([name, input]) => [name, toHex(input)]), options, keepsVars }
  await writeFile(join(folder, 'plugin.wasm'), bytes)
  await writeFile(join(folder, 'asked.json'), JSON.stringify(asked))
  await runInFolder(folder)
  const answers = JSON.parse(await readFile(join(folder, 'answers.json'), 'utf8')) as Answer[]
  return answers.map(({ output, message = '', logs }) =>
    withLogs(output === undefined ? sortError(message) : { output }, logs),
  )
}

async function runInFolder(folder: string): Promise<void> {
  const script = fileURLToPath(new URL('reference-process.mjs', import.meta.url))
  const [out, error] = await Promise.all(['stdout', 'stderr'].map((name) => open(join(folder, name), 'w')))
  const stdio = ['ignore', out?.fd, error?.fd] as const
  const child = spawn(process.execPath, ['--no-warnings', script, folder], { stdio: [...stdio] })
  const [code] = (await once(child, 'exit')) as [number | null]
  await Promise.all([out?.close(), error?.close()])
  assert.equal(code, 0, await readFile(join(folder, 'stderr'), 'utf8'))
}

function sortError(message: string): Ending {
  const prefix = 'Plugin-originated error: '
  if (message.startsWith(prefix)) return { error: message.slice(prefix.length) }
  return message.includes('is not allowed') ? { refused: true } : { trap: firstWords(message) }
}

export async function askOurs(
  t: TestContext,
  bytes: Uint8Array,
  calls: Calls,
  { allowedHosts = [] }: Conditions = {},
): Promise<Outcome[]> {
  const { invoke } = await startRunner(t, { plugin: bytes })
  const outcomes: Outcome[] = []
  for (const [name, input] of calls) {
    const outcome = await invoke({ export: name, input, options: { config, allowedHosts } }).then(
      ({ output, logs }) => withLogs({ output: toHex(output) }, logs.map(toLine)),
      (error: unknown) =>
        withLogs(sortOurs(error), error instanceof CallError ? error.call.logs.map(toLine) : []),
    )
    outcomes.push(outcome)
  }
  return outcomes
}

function sortOurs(error: unknown): Ending {
  assert(error instanceof WasmateError)
  const { code, detail = '' } = error
  if (/^http_request to \S+ is refused/.test(detail)) return { refused: true }
  if (code === 'CALL_FAILED') return { error: detail }
  assert.equal(code, 'CALL_TRAPPED')
  return { trap: firstWords(detail) }
}

function toLine({ level, message }: LogLine): string {
  return `${level} ${message}`
}

function withLogs(ending: Ending, logs: string[]): Outcome {
  return logs.length > 0 ? { ...ending, logs: logs.sort() } : ending
}

/** Without where it was; both hosts have a stack overflow in their own words, and so an access outside a block. */
function firstWords(message: string): string {
  if (/stack overflow|call stack/.test(message)) return 'stack overflow'
  if (/outside a block|outside the bounds/.test(message)) return 'outside'
  return message.replace(/ in \S+ at 0x[0-9a-f]+$/, '')
}

export function toHex(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Asserts that both come to the same, and gives it. */
export async function compare(
  t: TestContext,
  bytes: Uint8Array,
  calls: Calls,
  conditions: Conditions = {},
): Promise<Outcome[]> {
  const ours = await askOurs(t, bytes, calls, conditions)
  assert.deepEqual(ours, await askReference(t, bytes, calls, conditions))
  return ours
}
