// Debugging in VS Code's own debugger: a function in C, by its DWARF.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { debug } from 'vscode'
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
})
