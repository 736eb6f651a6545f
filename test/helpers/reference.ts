// The same calls of the same module on the Extism SDK and on our runner.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import createPlugin from '@extism/extism'
import { WasmateError } from '../../src/base/errors.ts'
import { startRunner } from './runner.ts'

const config = { color: 'blue', ключ: 'значение' }

/** Exports and inputs in the order they are called, on one instance. */
export type Calls = [name: string, input: string | Uint8Array][]

/** Output, what the function said was wrong, or the trap in V8's words. */
export type Outcome = { output: string } | { error: string } | { trap: string }

export async function askReference(bytes: Uint8Array, calls: Calls): Promise<Outcome[]> {
  const manifest = { wasm: [{ data: bytes }] }
  const plugin = await createPlugin(manifest, { useWasi: true, config })
  const outcomes: Outcome[] = []
  for (const [name, input] of calls) {
    await plugin.reset()
    const output = await plugin
      .call(name, input)
      .then((answer) => answer?.bytes() ?? new Uint8Array(), toError)
    outcomes.push(output instanceof Error ? sortError(output) : { output: toHex(output) })
  }
  await plugin.close()
  return outcomes
}

function toError(error: unknown): Error {
  assert(error instanceof Error)
  return error
}

function sortError({ message }: Error): Outcome {
  const prefix = 'Plugin-originated error: '
  return message.startsWith(prefix) ? { error: message.slice(prefix.length) } : { trap: firstWords(message) }
}

export async function askOurs(t: TestContext, bytes: Uint8Array, calls: Calls): Promise<Outcome[]> {
  const { invoke } = await startRunner(t, { plugin: bytes })
  const outcomes: Outcome[] = []
  for (const [name, input] of calls) {
    const output = await invoke({ export: name, input, options: { config } }).then((a) => a.output, toError)
    outcomes.push(output instanceof Error ? sortOurs(output) : { output: toHex(output) })
  }
  return outcomes
}

function sortOurs(error: Error): Outcome {
  assert(error instanceof WasmateError)
  const { code, detail = '' } = error
  if (code === 'CALL_FAILED') return { error: detail }
  assert.equal(code, 'CALL_TRAPPED')
  return { trap: firstWords(detail) }
}

/** Without where it was; both hosts have a stack overflow in their own words, and so an access outside a block. */
function firstWords(message: string): string {
  if (/stack overflow|call stack/.test(message)) return 'stack overflow'
  if (/outside a block|outside the bounds/.test(message)) return 'outside'
  return message.replace(/ in \S+ at 0x[0-9a-f]+$/, '')
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Asserts that both come to the same, and gives it. */
export async function compare(t: TestContext, bytes: Uint8Array, calls: Calls): Promise<Outcome[]> {
  const ours = await askOurs(t, bytes, calls)
  assert.deepEqual(ours, await askReference(bytes, calls))
  return ours
}
