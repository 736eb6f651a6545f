// C under the debugger, by DWARF 4 and 5: what a name means in its block, numbers of few bits, bytes and texts, steps.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { DebugClient, debugTarget } from '../helpers/debug-client.ts'
import { compileReady } from '../helpers/ready.ts'

const source = `#include "extism-pdk.h"

typedef enum { LOW = -1, HIGH = 7 } Level;
typedef enum { ODD = 0x80000001u } Big;
struct any { struct { int a; union { int b; float c; }; }; char tag; };
struct bits { unsigned a : 3; unsigned b : 5; int c : 4; unsigned long long wide : 40; Level level : 4; };

static int add(int a, int b) { return a + b; }

EXTISM_EXPORT(run) int run(void) {
  struct bits bits = {5, 17, -3, 1099511627775ULL, HIGH};
  unsigned char byte = 200, raw[4] = {0, 255, 1, 2}, said[6] = "hey";
  signed char tiny = 65;
  char letter = 'q';
  const char *text = "h\\xc3\\xa9", *lengthy = "${'x'.repeat(3_000)}";
  Big big = ODD;
  struct any any = {{7, {.c = 0.1f}}, 'z'};
  int result = 0;
  for (int i = 0; i < 2; i++) {
    result += i;
  }
  for (int i = 5; i > 3; i--) {
    double result = 7.5;
    letter += result;
  }
  result += add(1, add(2, 3));
  bits.c = 2;
  extism_output(text, 3);
  return result + byte + raw[0] + said[0] + tiny + letter + any.a + (big > 1);
}
`

suite('C under the debugger', { timeout: 120_000 }, () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  for (const version of ['4', '5']) {
    test(`by DWARF ${version}`, async (t) => {
      const flags = [`-gdwarf-${version}`, '-O0']
      const bytes = await compileReady(folder, { file: `c${version}.c`, source, flags })
      const client = new DebugClient(t, debugTarget(bytes, 'run'))
      const lines = [
        { line: 20, condition: 'i == 1 && text == "hé"' },
        { line: 24 },
        { line: 26 },
        { line: 28 },
      ]
      await client.launch(join(folder, `c${version}.c`), lines)
      await client.stop()
      const first = await client.variables()
      assert.equal(first['i'], '1')
      assert.equal(first['bits'], '{a: 5, b: 17, c: -3, wide: 1099511627775, level: HIGH}')
      assert.deepEqual([first['byte'], first['tiny'], first['letter']], ['200', '65', "113 'q'"])
      assert.match(first['lengthy'] ?? '', /^0x[0-9a-f]+ "x{2000}"…$/)
      assert.equal(await client.evaluate(`lengthy == "${'x'.repeat(3_000)}"`), 'true')
      assert.deepEqual([first['raw'], first['said']], ['[0, 255, 1, 2]', '"hey"'])
      assert.equal(await client.evaluate("letter == 'q' && said[1] == 'e' && letter == 113"), 'true')
      assert.equal(first['big'], 'ODD')
      assert.equal(await client.evaluate('big == ODD && bits.level == HIGH && LOW == -1'), 'true')
      assert.equal(await client.evaluate('LOW'), 'LOW')
      assert.equal(first['any'], `{a: 7, b: 1036831949, c: 0.1, tag: 122 'z'}`)
      assert.equal(await client.evaluate('any.c > 0 && any.a == 7'), 'true')
      await client.go('continue')
      const second = await client.variables()
      assert.deepEqual([second['i'], second['result']], ['5', '7.5'])
      await client.go('continue')
      await client.go('continue')
      assert.deepEqual(await client.stack(), ['run 26'])
      const { i, result } = await client.variables()
      assert.deepEqual([i, result], [undefined, '1'])
      // A function on one line is stepped into like any.
      const seen: (string | undefined)[] = []
      for (const how of ['stepIn', 'stepOut', 'stepIn', 'stepOut', 'next']) {
        await client.go(how)
        seen.push((await client.stack())[0])
      }
      assert.deepEqual(seen, ['add 8', 'run 26', 'add 8', 'run 26', 'run 27'])
      await client.go('continue')
      assert.equal(await client.evaluate('bits.c'), '2')
    })
  }
})
