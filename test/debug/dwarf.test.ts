// DWARF as clang writes it, versions 4 and 5, with and without optimising; and as nobody should write it.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { WasmateError } from '../../src/base/errors.ts'
import type { DebugFunction, DebugInfo, DebugType } from '../../src/debug-info.ts'
import { readDebugInfo } from '../../src/debug/info/info.ts'
import { Cursor } from '../../src/debug/info/dwarf/cursor.ts'
import { readRows } from '../../src/debug/info/dwarf/lines.ts'
import { readModuleParts } from '../../src/debug/info/module.ts'
import { compileReady } from '../helpers/ready.ts'

const source = `#include "extism-pdk.h"

typedef struct node { int x; const char *name; struct node *next; short grid[2][3]; } Node;
enum color { RED, GREEN = 5 };
static int counter = 3;
static volatile int sink;

__attribute__((noinline)) static int add(int a, unsigned char b) {
  int sum = a + b;
  sink = sum;
  return sum;
}

EXTISM_EXPORT(run) int run(void) {
  Node node = {1, "abc", 0, {{1, 2, 3}}};
  enum color chosen = GREEN;
  double half = 0.5;
  for (int i = 0; i < 3; i++) {
    counter = add(counter, i);
  }
  node.next = &node;
  return node.x + chosen + (half > counter);
}
`

suite('DWARF', { timeout: 120_000 }, () => {
  let folder: string
  const modules = new Map<string, Uint8Array>()

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    for (const flags of [
      ['-gdwarf-4', '-O0'],
      ['-gdwarf-5', '-O0'],
      ['-gdwarf-4', '-O2'],
      ['-gdwarf-5', '-O2'],
    ])
      modules.set(flags.join(' '), await compileReady(folder, { file: 'made.c', source, flags }))
  })

  after(() => rm(folder, { recursive: true, force: true }))

  const infoOf = (flags: string): DebugInfo => readDebugInfo(modules.get(flags) ?? new Uint8Array(), '/')
  const named = ({ functions }: DebugInfo, name: string): DebugFunction => {
    const found = functions.find((each) => each.name === name)
    assert.ok(found, `${name} is not among ${functions.map((each) => each.name).join(', ')}`)
    return found
  }
  const linesOf = ({ rows, sources }: DebugInfo, { start, end }: DebugFunction): number[] => [
    ...new Set(
      rows
        .filter(({ offset, line }) => line > 0 && offset >= start && offset < end)
        .map(({ line, source: place }) => {
          assert.equal(sources[place], join(folder, 'made.c'))
          return line
        }),
    ),
  ]

  for (const flags of ['-gdwarf-4 -O0', '-gdwarf-5 -O0']) {
    test(`${flags}: lines, functions, variables and their types`, () => {
      const info = infoOf(flags)
      const [add, run] = [named(info, 'add'), named(info, 'run')]
      assert.deepEqual(linesOf(info, add), [8, 9, 10, 11])
      assert.deepEqual(linesOf(info, run).slice(0, 4), [14, 15, 16, 17])
      const body = info.rows.findLast(({ offset }) => offset <= add.body)
      assert.equal(body?.line, 9)
      assert.deepEqual(
        add.variables.map(({ name, isParameter = false }) => [name, isParameter]),
        [
          ['a', true],
          ['b', true],
          ['sum', false],
        ],
      )
      const typeOf = (name: string): DebugType | undefined =>
        info.types[run.variables.find((each) => each.name === name)?.type ?? -1]
      const node = typeOf('node')
      assert.ok(node?.kind === 'alias' && node.name === 'Node')
      const struct = info.types[node.of]
      assert.ok(struct?.kind === 'struct')
      assert.deepEqual(
        struct.fields.map(({ name, offset }) => [name, offset]),
        [
          ['x', 0],
          ['name', 4],
          ['next', 8],
          ['grid', 12],
        ],
      )
      const next = info.types[struct.fields[2]?.type ?? -1]
      assert.ok(next?.kind === 'pointer' && info.types[next.to ?? -1] === struct)
      const grid = info.types[struct.fields[3]?.type ?? -1]
      assert.ok(grid?.kind === 'array' && grid.count === 2 && grid.name === 'short[2][3]')
      assert.deepEqual(typeOf('chosen'), {
        ...{ kind: 'enum', name: 'color', bytes: 4 },
        members: [
          ['RED', 0],
          ['GREEN', 5],
        ],
      })
      assert.deepEqual(typeOf('half'), { kind: 'number', name: 'double', bytes: 8, form: 'float' })
      // What has no stack frame in memory is found from a local that holds its address.
      const [place] = run.variables.find((each) => each.name === 'chosen')?.places ?? []
      assert.ok(place?.at === 'memory' && place.base?.at === 'local')
      const global = info.globals.find((each) => each.name === 'counter')
      assert.equal(global?.places[0]?.at, 'memory')
    })
  }

  for (const flags of ['-gdwarf-4 -O2', '-gdwarf-5 -O2']) {
    test(`${flags}: places that hold for a part of the code`, () => {
      const info = infoOf(flags)
      const add = named(info, 'add')
      const places = add.variables.flatMap((each) => each.places)
      assert.ok(places.some(({ at }) => at === 'local'))
      for (const { start = 0, end = 0 } of places.filter((each) => each.start !== undefined))
        assert.ok(start >= add.start && end <= add.end && start < end, `${start} to ${end}`)
      assert.deepEqual(linesOf(info, add).includes(11), true)
    })
  }

  test('cut sections and flipped bytes: what is there, or a reason, and never anything else', () => {
    let read = 0
    let refused = 0
    for (const bytes of modules.values()) {
      for (const damaged of damage(bytes)) {
        try {
          readDebugInfo(damaged, '/')
          read++
        } catch (error) {
          assert.ok(error instanceof WasmateError, String(error))
          assert.equal(error.code, 'DEBUG_INFO_INVALID', error.message)
          refused++
        }
      }
    }
    assert.ok(read > 100 && refused > 100, `${read} read, ${refused} refused`)
  })

  test('a text without an end, a block longer than its section, a table of more than there is room for', () => {
    const cursor = new Cursor(Buffer.from('abc'))
    assert.throws(() => cursor.text(), RangeError)
    assert.throws(() => cursor.block(4), RangeError)
    // Version 5, no format of an entry, and entries without number.
    const head = [5, 0, 4, 0, 0xff, 0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]
    const program = Buffer.concat([Buffer.of(0xff, 0, 0, 0), Buffer.from(head)])
    assert.throws(
      () => readRows((name) => (name === '.debug_line' ? program : undefined), 0, '/'),
      RangeError,
    )
  })
})

/** Each debug section cut at many lengths and with single bytes changed; the module around it stays whole. */
function* damage(bytes: Uint8Array): Generator<Uint8Array> {
  const { custom } = readModuleParts(bytes)
  for (const [name, section] of custom) {
    if (!name.startsWith('.debug_')) continue
    const step = Math.max(1, Math.floor(section.length / 60))
    for (let at = 0; at < section.length; at += step) {
      yield withSection(bytes, name, section.subarray(0, at))
      for (const value of [0x00, 0x7f, 0xff]) {
        const changed = section.slice()
        changed[at] = value
        yield withSection(bytes, name, changed)
      }
    }
  }
}

/** All custom sections go to the end, in their order: nothing that is told counts from there. */
function withSection(bytes: Uint8Array, changed: string, content: Uint8Array): Uint8Array {
  const { custom } = readModuleParts(bytes)
  const sections = [...custom].map(([name, own]) => customSection(name, name === changed ? content : own))
  const code = bytes.subarray(0, bytes.length - sizeOfCustom(bytes))
  return Buffer.concat([code, ...sections])
}

function sizeOfCustom(bytes: Uint8Array): number {
  return [...readModuleParts(bytes).custom].reduce(
    (sum, [name, content]) => sum + customSection(name, content).length,
    0,
  )
}

function customSection(name: string, content: Uint8Array): Uint8Array {
  const label = Buffer.from(name)
  const size = leb(leb(label.length).length + label.length + content.length)
  return Buffer.concat([Buffer.of(0), size, leb(label.length), label, content])
}

function leb(value: number): Buffer {
  const bytes: number[] = []
  for (; value >= 128; value >>= 7) bytes.push((value & 127) | 128)
  return Buffer.from([...bytes, value])
}
