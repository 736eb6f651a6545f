import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmateError, errorTable, fromProblem, toProblem, toWasmateError } from '../../src/base/errors.ts'

test('an error keeps its code, words and status across a connection', () => {
  const sent = new WasmateError('NAME_TAKEN', 'hello belongs to 0x1')
  const problem = toProblem(sent)
  assert.equal(problem.status, 403)
  assert.equal(problem.detail, 'The name belongs to another account: hello belongs to 0x1')
  assert.equal(problem.next, errorTable.NAME_TAKEN.next)
  const received = fromProblem(problem)
  assert.equal(received.code, 'NAME_TAKEN')
  assert.equal(received.message, sent.message)
})

test('an error without a detail stays without one', () => {
  assert.equal(
    fromProblem(toProblem(new WasmateError('UNAUTHORIZED'))).message,
    errorTable.UNAUTHORIZED.message,
  )
})

test('an abort is a cancellation, and what nobody foresaw is ours with its causes', () => {
  assert.equal(toWasmateError(AbortSignal.abort().reason).code, 'CANCELLED')
  const surprise = new Error('outer', { cause: new Error('inner') })
  assert.equal(toWasmateError(surprise).message, `${errorTable.INTERNAL.message}: outer: inner`)
})

test('a code that this version does not know is ours', () => {
  const problem = { ...toProblem(new WasmateError('NAME_TAKEN')), code: 'FROM_THE_FUTURE' as 'NAME_TAKEN' }
  assert.equal(fromProblem(problem).code, 'INTERNAL')
})
