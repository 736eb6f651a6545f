// What the command line shows of work that goes on, as it is written to a file or a pipe.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Output, createOutput } from '../../src/cli/output.ts'

/** What is written to stderr while time goes by. */
function watch(t: TestContext): { output: Output; said: string[]; wait(ms: number): void } {
  const said: string[] = []
  t.mock.timers.enable({ apis: ['setTimeout'] })
  t.mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0)
  return { output: createOutput(false), said, wait: (ms) => t.mock.timers.tick(ms) }
}

test('work that is told of once and goes on for long is seen to go on', (t) => {
  const { output, said, wait } = watch(t)
  output.progress({ doing: 'replaying hello' })
  wait(1_000)
  assert.deepEqual(said, [])
  wait(5_000)
  assert.deepEqual(said, ['replaying hello\n'])
  wait(60_000)
  assert.equal(said.length, 1)
})

test('of work that is over in a moment nothing is said, nor after it, nor over a question', (t) => {
  const { output, said, wait } = watch(t)
  output.progress({ doing: 'building hello' })
  output.note('built')
  wait(60_000)
  output.progress({ doing: 'asking' })
  output.clear()
  wait(60_000)
  assert.deepEqual(said, ['built\n'])
})

test('nothing of a name moves the cursor', (t) => {
  const { output, said, wait } = watch(t)
  output.progress({ doing: 'replaying \u001b[2J' })
  wait(6_000)
  assert.deepEqual(said, ['replaying ?[2J\n'])
})
