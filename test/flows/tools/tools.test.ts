// Registered functions as a language model is told of them, and what it gives and gets.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmateError, toProblem } from '../../../src/base/errors.ts'
import { type CalledFunction, describeTools, maxTools } from '../../../src/flows/tools/describe.ts'
import { inputOfArguments, toInput } from '../../../src/flows/tools/input.ts'
import { describeResult } from '../../../src/flows/tools/result.ts'
import { keepBytes } from '../../../src/trace/kept-bytes.ts'
import type { ListedFunction } from '../../../src/model.ts'

const listed = (name: string): ListedFunction => ({
  ...{ name, owner: '0x1', versionCount: 1 },
  current: { version: 2, cid: 'bafkcid', sha256: '', size: 1 },
})
const ofObject = { type: 'object', properties: { n: { type: 'integer', minimum: 1 } }, required: ['n'] }
const called = (inputSchema?: Record<string, unknown>): CalledFunction => ({
  ...{ name: 'f', version: 1, cid: 'bafkcid' },
  ...(inputSchema && { inputSchema }),
})
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

test('a tool has a name that every host takes, and no two have the same', () => {
  const names = describeTools(['a.b', 'a_b', 'a:b', 'ok-1'].map(listed), []).map(({ name }) => name)
  assert.equal(new Set(names).size, 4)
  for (const name of names) assert.match(name, /^[A-Za-z0-9_-]{1,64}$/)
  assert.deepEqual([names[0], names[3]], ['a_b', 'ok-1'])
})

test('it says which version and CID it is, and its schema is that of wasmate.json', () => {
  const known = [{ name: 'f', tool: { description: 'Counts.', inputSchema: ofObject } }]
  const [tool, other] = describeTools([listed('f'), listed('g')], known)
  assert.equal(tool?.description, 'Counts. (version 2, bafkcid)')
  assert.deepEqual(tool.inputSchema, ofObject)
  assert.match(other?.description ?? '', /function g\. \(version 2, bafkcid\)/)
  assert.deepEqual(Object.keys(other?.inputSchema['properties'] ?? {}), ['input'])
})

test('what has no current version is no tool, and there are not more than a model can choose among', () => {
  const { current: _, ...yanked } = listed('gone')
  assert.deepEqual(describeTools([yanked], []), [])
  const many = Array.from({ length: maxTools + 5 }, (_value, index) => listed(`f${index}`))
  assert.equal(describeTools(many, []).length, maxTools)
})

test('arguments are the input of a function that takes an object, and hold that of any other', () => {
  assert.equal(textOf(inputOfArguments(called(ofObject), { n: 1 })), '{"n":1}')
  assert.equal(textOf(inputOfArguments(called({ type: 'array' }), { input: [1] })), '[1]')
  assert.equal(textOf(inputOfArguments(called(), { input: 'text' })), 'text')
  assert.equal(textOf(inputOfArguments(called(), {})), '')
})

test('an input is checked against the schema, and so is the schema', () => {
  const invalid = { code: 'INPUT_INVALID', detail: /input of f: n: / }
  assert.throws(() => toInput(called(ofObject), { n: 0 }), invalid)
  assert.throws(() => toInput(called(ofObject), {}), invalid)
  assert.throws(() => toInput(called({ type: 'nonsense' }), 1), {
    ...{ code: 'MANIFEST_INVALID', detail: /inputSchema of f: / },
  })
})

test('a default of the schema is not put into what was given', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer', default: 5 } } }
  assert.equal(textOf(toInput(called(schema), {})), '{}')
})

test('an output is told as text, or how many bytes it has; a problem with its next step', () => {
  assert.deepEqual(describeResult({ output: keepBytes(Buffer.from('ä')) }), { text: 'ä', isError: false })
  const binary = describeResult({ output: keepBytes(Buffer.from([0, 255])) }).text
  assert.equal(binary, 'The output is no text but 2 bytes, as base64: AP8=')
  const long = describeResult({ output: keepBytes(Buffer.from(`a${'ä'.repeat(60_000)}`)) }).text
  assert.match(long, /ä\n\(cut: the output has 120001 bytes\)$/)
  const problem = toProblem(new WasmateError('CALL_TRAPPED', 'unreachable'))
  const { text, isError } = describeResult({ problem })
  assert.match(text, /^CALL_TRAPPED: The function trapped: unreachable\. Next: /)
  assert.equal(isError, true)
})
