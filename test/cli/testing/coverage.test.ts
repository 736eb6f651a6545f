// wasmate test --coverage: which places of a source its cases come to.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { ReachedPlace } from '../../../src/client/cases.ts'
import { writeFunction } from '../../helpers/builder.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { wasmate } from '../../helpers/wasmate.ts'

const main = `import { Host } from '@extism/as-pdk'
import { Square } from './shapes'
export function size(): i32 {
  const given = Host.inputString()
  if (given.length == 0) Host.outputString('nothing')
  else if (given == 'x') {
    Host.outputString('an x')
  } else Host.outputString(new Square(<i32>parseInt(given)).area().toString())
  return 0
}
export function twice(): i32 {
  const doubled = [1, 2].map<i32>((each: i32): i32 => each * 2)
  let sum = 0
  for (let i = 0; i < doubled.length; i++) sum += doubled[i]
  do sum -= 1
  while (sum > 5)
  switch (sum) {
    case 5:
      Host.outputString('five')
      break
    default:
      Host.outputString('another')
  }
  return 0
}
export function fails(): i32 {
  before()
  throw new Error('as it should')
}
export function spins(): i32 {
  before()
  while (true) {}
}
function before(): void {}
function never(): void {
  Host.outputString('never')
}
export function neverAsWell(): i32 {
  never()
  return 0
}
`
const shapes = `export abstract class Shape {
  abstract area(): i32
}
export class Square extends Shape {
  constructor(private side: i32) {
    super()
    if (side < 0) this.side = -side
  }
  area(): i32 {
    return this.side * this.side
  }
  perimeter(): i32 {
    return this.side * 4
  }
}
`

const both = { 'index.ts': main, 'shapes.ts': shapes }

async function cover(
  t: TestContext,
  cases: object[],
  { files = both, args = [] }: { files?: Record<string, string>; args?: string[] } = {},
): Promise<{ cwd: string; stdout: string; json: Record<string, unknown>[]; places?: ReachedPlace[] }> {
  const cwd = await temporaryFolder(t)
  await writeFunction(cwd, 'f', { ...files, 'wasmate.test.json': JSON.stringify({ cases }) })
  const { json, stdout } = await wasmate([...args, 'test', '--coverage'], { cwd })
  const event = json.find((each) => each['event'] === 'coverage') as { places?: ReachedPlace[] } | undefined
  return { cwd, stdout, json, ...(event?.places && { places: event.places }) }
}

/** The numbers of lines with a statement that was not come to, by file. */
function missed(places: ReachedPlace[] = [], file: string): number[] {
  const lines = places.filter((each) => each.file === file && each.name === undefined && !each.reached)
  return [...new Set(lines.map(({ line }) => line))]
}

const namesOf = (places: ReachedPlace[] = [], reached: boolean): (string | undefined)[] =>
  places.filter((each) => each.name !== undefined && each.reached === reached).map(({ name }) => name)

test('each statement and function that a case came to is told, however the call ended', async (t) => {
  const { cwd, json, places } = await cover(
    t,
    [
      { name: 'nothing', export: 'size', expected: 'nothing' },
      { name: 'a square', export: 'size', input: '3', expected: '9' },
      { name: 'twice', export: 'twice', expected: 'five' },
      { name: 'fails', export: 'fails', expected: { problem: 'CALL_TRAPPED' } },
      { name: 'spins', export: 'spins', timeoutMs: 300, expected: { problem: 'CALL_TIMEOUT' } },
    ],
    { args: ['--json'] },
  )
  const [index, other] = [join(cwd, 'f/index.ts'), join(cwd, 'f/shapes.ts')]
  assert.equal(json.at(-1)?.['passed'], 5)
  assert.deepEqual(missed(places, index), [7, 22, 36, 39, 40])
  assert.deepEqual(missed(places, other), [7, 13])
  assert.deepEqual(namesOf(places, true), [
    ...['size', 'twice', 'fails', 'spins', 'before'],
    ...['constructor', 'area'],
  ])
  assert.deepEqual(namesOf(places, false), ['never', 'neverAsWell', 'perimeter'])
  const first = places?.find((each) => each.file === index && each.name === undefined)
  assert.deepEqual(
    [first?.line, first?.column, first?.endLine, first?.endColumn],
    [4, 3, 4, 35],
    'as a person counts',
  )
})

test('of what holds other statements the head is a place, and each branch its own', async (t) => {
  const files = {
    'index.ts': `export function f(): i32 {
  let n = 0
  if (n == 1) n = 2
  else n = 3
  while (n > 9) n--
  return 0
}
`,
  }
  const { places = [] } = await cover(t, [{ name: 'one', expected: '' }], { files, args: ['--json'] })
  const seen = places.map(({ name, line, column, endColumn, reached }) => [
    name ?? `${line}:${column}-${endColumn}`,
    reached,
  ])
  assert.deepEqual(seen, [
    ['f', true],
    ['2:3-12', true],
    ['3:3-13', true],
    ['3:15-20', false],
    ['4:8-13', true],
    ['5:3-15', true],
    ['5:17-20', false],
    ['6:3-11', true],
  ])
})

test('people read how much it is, and which lines never ran', async (t) => {
  const { stdout } = await cover(t, [{ name: 'twice', export: 'twice', expected: 'five' }])
  assert.match(stdout, /^cover f: \d+ of \d+ statements \(\d+ %\), 1 of 10 functions$/m)
  assert.match(stdout, /^ +\S+index\.ts: 4, 5, .* never ran$/m)
})

test('a language that gives none says so, and its cases are run all the same', async (t) => {
  const files = {
    'main.c': `#include <extism-pdk.h>
EXTISM_EXPORT(f) int32_t f(void) { extism_output("x", 1); return 0; }
`,
  }
  const { stdout } = await cover(t, [{ name: 'one', expected: 'x' }], { files })
  assert.match(stdout, /^cover f: its language gives no coverage$/m)
  assert.match(stdout, /^1 passed/m)
})
