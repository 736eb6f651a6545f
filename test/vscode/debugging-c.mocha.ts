// Debugging in VS Code's own debugger: a function in C, by its DWARF.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { debug } from 'vscode'
import { until } from '../helpers/until.ts'
import { Watched, evaluate, go, setBreakpoints, stack, start, variables } from './debugged.ts'
import { place, setMode, write } from './sources.ts'

const sourceInC = `#include <extism-pdk.h>

typedef struct {
  int x;
  double y;
  char name[8];
} Point;

enum color { RED, GREEN = 5 };
static int counter = 3;

static int add(int a, int b) {
  int sum = a + b;
  return sum;
}

EXTISM_EXPORT(run) int32_t run(void) {
  Point point = {1, 2.5, "abc"};
  Point *to = &point;
  enum color chosen = GREEN;
  int grid[2][3] = {{1, 2, 3}, {4, 5, 6}};
  const char *text = "hello";
  for (int i = 0; i < 3; i++) {
    counter = add(counter, i);
  }
  extism_output(text, 5);
  return to->x + chosen + grid[0][0] > 100;
}

EXTISM_EXPORT(broken) int32_t broken(void) {
  int zero = counter - 3;
  return 7 / zero;
}

EXTISM_EXPORT(spin) int32_t spin(void) {
  while (counter != 0) counter ^= 8;
  return 0;
}

EXTISM_EXPORT(bytes) int32_t bytes(void) {
  struct { unsigned low : 3; int high : 5; } bits = {5, -3}; union { int whole; float part; } either = {0x3f800000};
  uint8_t byte = 200, raw[3] = {0, 255, 1}, said[6] = "hey";
  int sum = 0;
  for (int i = 0; i < 4; i++) sum += i;
  for (int i = 9; i > 7; i--) {
    double sum = 7.5;
    counter += sum + i;
  }
  return sum + byte + raw[0] + said[0] + bits.low + either.part > 1000;
}
`

describe('a function in C', () => {
  const file = place('debugged-c', 'main.c')
  const watched = new Watched()

  before(async () => {
    await setMode('off')
    await write(file, sourceInC)
    await write(place('debugged-c', 'wasmate.json'), '{ "exports": ["run"] }')
  })

  after(async () => {
    watched.dispose()
    setBreakpoints(file, [])
    await debug.stopDebugging()
  })

  it('stops at a breakpoint, and its locals read as what they are', async () => {
    setBreakpoints(file, [{ line: 24 }])
    await start({ function: 'debugged-c' })
    await watched.stop()
    const [top] = await stack(watched.last)
    assert.deepEqual([top?.name, top?.line, top?.source?.path], ['run', 24, file.fsPath])
    const locals = await variables(watched.last)
    assert.equal(locals['point'], '{x: 1, y: 2.5, name: "abc"}')
    assert.equal(locals['chosen'], 'GREEN')
    assert.equal(locals['grid'], '[[1, 2, 3], [4, 5, 6]]')
    assert.match(locals['text'] ?? '', /^0x[0-9a-f]+ "hello"$/)
    assert.equal((await variables(watched.last, 1))['counter'], '3')
    assert.equal(await evaluate(watched.last, 'to->y * 2'), '5')
    await debug.stopDebugging()
    await watched.end()
  })

  it('stops under a condition, steps in, over and out', async () => {
    setBreakpoints(file, [{ line: 24, condition: 'i == 1' }])
    await start({ function: 'debugged-c' })
    await watched.stop()
    assert.equal((await variables(watched.last))['i'], '1')
    const seen: unknown[] = []
    for (const how of ['stepIn', 'next', 'stepOut', 'next']) {
      await go(watched.last, how)
      await watched.stop()
      const [top] = await stack(watched.last)
      seen.push(`${top?.name} ${top?.line}`)
    }
    assert.deepEqual(seen, ['add 13', 'add 14', 'run 24', 'run 23'])
    await debug.stopDebugging()
    await watched.end()
  })

  it('stops at the line of a trap', async () => {
    setBreakpoints(file, [])
    await start({ function: 'debugged-c', export: 'broken' })
    const { reason, text } = await watched.stop()
    assert.deepEqual([reason, text], ['exception', 'divide by zero'])
    const [top] = await stack(watched.last)
    assert.deepEqual([top?.name, top?.line], ['broken', 32])
    await debug.stopDebugging()
    await watched.end()
  })

  it('counts hits, says what a logpoint says, and compares texts in a condition', async () => {
    setBreakpoints(file, [
      { line: 13, logMessage: 'a is {a}' },
      { line: 24, hitCondition: '3' },
    ])
    await start({ function: 'debugged-c' })
    await watched.stop()
    assert.equal((await variables(watched.last))['i'], '2')
    assert.match(await watched.output(), /a is 3\na is 3\n/)
    setBreakpoints(file, [{ line: 26, condition: 'text == "hello" && point.name == "abc"' }])
    await until(async () => (await stack(watched.last)).length > 0, 'it still stands')
    await go(watched.last, 'continue')
    await watched.stop()
    assert.equal((await stack(watched.last))[0]?.line, 26)
    await debug.stopDebugging()
    await watched.end()
  })

  it('shows the variables of the block, and bytes and numbers of few bits as what they are', async () => {
    setBreakpoints(file, [{ line: 47 }, { line: 49 }])
    await start({ function: 'debugged-c', export: 'bytes' })
    await watched.stop()
    const inner = await variables(watched.last)
    assert.deepEqual([inner['i'], inner['sum']], ['9', '7.5'])
    const { bits, byte, either } = inner
    assert.deepEqual([bits, byte], ['{low: 5, high: -3}', '200'])
    assert.equal(either, '{whole: 1065353216, part: 1}')
    assert.deepEqual([inner['raw'], inner['said']], ['[0, 255, 1]', '"hey"'])
    setBreakpoints(file, [{ line: 49 }])
    await until(async () => (await stack(watched.last)).length > 0, 'it still stands')
    await go(watched.last, 'continue')
    await watched.stop()
    const { i, sum } = await variables(watched.last)
    assert.deepEqual([i, sum], [undefined, '6'])
    await debug.stopDebugging()
    await watched.end()
  })

  it('is paused', async () => {
    setBreakpoints(file, [])
    await start({ function: 'debugged-c', export: 'spin' })
    await watched.last.session.customRequest('pause', { threadId: 1 })
    assert.equal((await watched.stop())['reason'], 'pause')
    assert.equal((await stack(watched.last)).at(-1)?.name, 'spin')
    await debug.stopDebugging()
    await watched.end()
  })
})
