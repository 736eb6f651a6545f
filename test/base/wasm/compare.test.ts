// Where two modules differ, as it is told to whoever built one of them again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareModules, describeDifference } from '../../../src/base/wasm/compare.ts'

type Body = number[]

const text = (value: string): number[] => [value.length, ...Buffer.from(value)]
const section = (id: number, ...content: number[]): number[] => [id, content.length, ...content]
const custom = (name: string, ...content: number[]): number[] => section(0, ...text(name), ...content)

interface Shape {
  bodies?: Body[]
  tail?: number[][]
  data?: number[]
}

/** One imported function, then two of its own: the second is exported, the first named in the name section. */
function build({
  bodies = [
    [0x01, 0x0b],
    [0x41, 7, 0x1a, 0x0b],
  ],
  tail = [],
  data = [],
}: Shape = {}): Uint8Array {
  const code = bodies.map((body) => [body.length + 1, 0, ...body])
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 0, 0),
    ...section(2, 1, ...text('env'), ...text('out'), 0, 0),
    ...section(3, bodies.length, ...bodies.map(() => 0)),
    ...section(5, 1, 0, 1),
    ...section(7, 1, ...text('greet'), 0, 2),
    ...section(10, bodies.length, ...code.flat()),
    ...section(11, 1, 0, 0x41, 0, 0x0b, data.length, ...data),
    ...custom('name', 1, 4, 1, 1, ...text('a')),
    ...tail.flat(),
  ])
}

test('equal modules have no difference', () => {
  assert.equal(compareModules(build(), build()), undefined)
})

test('a changed instruction is named by function index and name, imported functions counted', () => {
  const one = build()
  const two = build({
    bodies: [
      [0x01, 0x0b],
      [0x41, 9, 0x1a, 0x0b],
    ],
  })
  const difference = compareModules(one, two)
  assert.equal(difference?.rangeCount, 1)
  assert.equal(difference.differingBytes, 1)
  const [range] = difference.ranges
  assert.deepEqual([range?.length, range?.section, range?.function], [1, 'code', { index: 2, name: 'greet' }])
  assert.deepEqual([one[range?.offset ?? 0], two[range?.rebuiltOffset ?? 0]], [7, 9])
  const inner = compareModules(
    one,
    build({
      bodies: [
        [0x00, 0x0b],
        [0x41, 7, 0x1a, 0x0b],
      ],
    }),
  )
  assert.deepEqual(inner?.ranges[0]?.function, { index: 1, name: 'a' })
})

test('a longer function shifts what follows, and still only it is named', () => {
  const one = build({ data: [1, 2, 3] })
  const two = build({
    bodies: [
      [0x01, 0x01, 0x01, 0x0b],
      [0x41, 7, 0x1a, 0x0b],
    ],
    data: [1, 2, 3],
  })
  const difference = compareModules(one, two)
  assert.equal(difference?.rangeCount, 1)
  const { length, rebuiltLength, function: within } = difference.ranges[0] ?? {}
  assert.deepEqual([length, rebuiltLength, within], [0, 2, { index: 1, name: 'a' }])
  assert.match(
    describeDifference(difference),
    /^2 bytes differ in 1 place, \d+ bytes instead of \d+: 0 \(rebuilt: 2\) at 0x[0-9a-f]+ in the code section, function 1 \(a\)$/,
  )
})

test('data and custom sections are told by their names, and both are told', () => {
  const one = build({ data: [1, 2, 3], tail: [custom('producers', 1, 2), custom('x', 1)] })
  const two = build({ data: [1, 9, 3], tail: [custom('producers', 1, 3), custom('x', 1)] })
  const difference = compareModules(one, two)
  assert.deepEqual(
    difference?.ranges.map(({ section, name }) => [section, name]),
    [
      ['data', undefined],
      ['custom', 'producers'],
    ],
  )
  assert.match(describeDifference(difference ?? assert.fail()), /in the custom section "producers"$/)
})

test('a section or a function that only one has is a range of no length in the other', () => {
  const extra = custom('build-id', 1, 2, 3)
  const more = compareModules(build(), build({ tail: [extra] }))
  assert.deepEqual(
    more?.ranges.map(({ name, length, rebuiltLength }) => [name, length, rebuiltLength]),
    [['build-id', 0, extra.length - 2]],
  )
  const fewer = compareModules(build({ tail: [extra] }), build())
  assert.deepEqual([fewer?.ranges[0]?.length, fewer?.ranges[0]?.rebuiltLength], [extra.length - 2, 0])
  const functions = compareModules(build(), build({ bodies: [[0x0b], [0x0b], [0x0b]] }))
  assert.ok(functions?.ranges.some(({ function: within }) => within?.index === 3))
})

test('what is equal but for the way its size is written still differs', () => {
  const one = build({ tail: [custom('x', 1)] })
  const two = Uint8Array.from([...one.subarray(0, one.length - 4), 0x83, 0x00, ...one.subarray(-3)])
  assert.equal(one.at(-4), 3)
  const difference = compareModules(one, two)
  assert.deepEqual(
    difference?.ranges.map(({ name, length, rebuiltLength }) => [name, length, rebuiltLength]),
    [['x', 1, 2]],
  )
})

test('the same sections in another order differ', () => {
  const [a, b] = [custom('a', 1), custom('b', 2)]
  const difference = compareModules(build({ tail: [a, b] }), build({ tail: [b, a] }))
  assert.ok((difference?.rangeCount ?? 0) > 0)
})

test('bytes that are no module are compared as bytes', () => {
  const cut = build().subarray(0, 40)
  for (const other of [Buffer.from('hello'), Buffer.alloc(0), cut]) {
    const difference = compareModules(build(), other)
    assert.ok(difference && difference.rangeCount === 1)
    assert.equal(difference.ranges[0]?.section, undefined)
    assert.ok(difference.differingBytes > 0)
    assert.ok(compareModules(other, build()))
  }
  const [range] = compareModules(Buffer.from('hello'), Buffer.from('hollo'))?.ranges ?? []
  assert.deepEqual(range, { offset: 1, length: 1, rebuiltOffset: 1, rebuiltLength: 1 })
})

test('many differences are counted, and the first are listed', () => {
  const data = Array.from({ length: 120 }, () => 0)
  const changed = data.map((_, index) => (index % 10 === 0 ? 1 : 0))
  const difference = compareModules(
    Uint8Array.from(Array.from({ length: 40 }, () => data).flat()),
    Uint8Array.from(Array.from({ length: 40 }, () => changed).flat()),
  )
  assert.equal(difference?.rangeCount, 480)
  assert.equal(difference.differingBytes, 480)
  assert.equal(difference.ranges.length, 16)
  assert.match(describeDifference(difference), /; 477 more$/)
})

test('names from a module can do nothing to a terminal', () => {
  const name = '\u001b[31m\u202e'
  const bytes = [...Buffer.from(name)]
  const odd = (last: number): Uint8Array => build({ tail: [section(0, bytes.length, ...bytes, last)] })
  const difference = compareModules(odd(1), odd(2))
  assert.equal(difference?.ranges[0]?.name, '?[31m?')
})
