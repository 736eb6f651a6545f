// What a module of a real compiler gets from WASI, and what start-up code is run.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goPlugin } from '../helpers/go-plugin.ts'
import { compileC, compileGo } from '../helpers/plugins.ts'
import { startRunner } from '../helpers/runner.ts'

const options = { maxMemoryBytes: 64 * 1024 * 1024 }

test('Go has no arguments, environment or files, but clocks, random bytes and sleep', async (t) => {
  const { ask } = await startRunner(t, { plugin: await compileGo(goPlugin) })
  assert.equal(await ask({ export: 'world', options }), '0 0 true <nil> true true true')
})

test('stdout and stderr are log lines', async (t) => {
  const { invoke } = await startRunner(t, { plugin: await compileGo(goPlugin) })
  const { logs } = await invoke({ export: 'prints', options })
  assert.deepEqual(logs.map(({ level, message }) => `${level} ${message}`).sort(), [
    'error three',
    'info one',
    'info two',
  ])
})

test('an exit with a code fails the call with what was written to stderr, one with 0 answers', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin: await compileGo(goPlugin) })
  assert.equal(await fail({ export: 'exits', options }), 'CALL_FAILED: it exited with code 3: leaving now')
  assert.match(
    await fail({ export: 'panics', input: 'x', options }),
    /^CALL_TRAPPED: unreachable in .*: panic: Go gives up on x/,
  )
  assert.equal(await ask({ export: 'leaves', options }), 'left')
  assert.equal(await ask({ export: 'greet', input: 'you', options }), 'Hello from Go, you!')
})

test('Go that fills its memory meets the limit', async (t) => {
  const { fail } = await startRunner(t, { plugin: await compileGo(goPlugin) })
  assert.match(await fail({ export: 'hoards', options }), /^MEMORY_LIMIT: /)
})

test('functions of WASI that are not here answer ENOSYS, pointers outside memory EFAULT', async (t) => {
  const plugin = await compileC(`
    WASI(path_open) int path_open(int, int, int, int, int, u64, u64, int, int);
    WASI(random_get) int random_get(u32, u32);
    WASI(fd_write) int fd_write(int, u32, u32, u32);
    static void number(int n) { char digits[3] = "00"; digits[0] += n / 10; digits[1] += n % 10; say(digits); }
    EXPORT(opens) int opens(void) { number(path_open(3, 0, 0, 0, 0, 0, 0, 0, 0)); return 0; }
    EXPORT(scribbles) int scribbles(void) { number(random_get(0xfffffff0u, 64)); return 0; }
    EXPORT(writes) int writes(void) { number(fd_write(1, 0xfffffff0u, 1, 0)); return 0; }
    EXPORT(elsewhere) int elsewhere(void) { number(fd_write(5, 0, 0, 0)); return 0; }
  `)
  const { ask } = await startRunner(t, { plugin })
  assert.equal(await ask({ export: 'opens' }), '52')
  assert.equal(await ask({ export: 'scribbles' }), '21')
  assert.equal(await ask({ export: 'writes' }), '21')
  assert.equal(await ask({ export: 'elsewhere' }), '08')
})

const begins = (names: string): string => `
  static char order[8]; static int at;
  static void mark(char c) { order[at++] = c; }
  ${names}
  EXPORT(order) int order_(void) { say(order); return 0; }
`

test('start-up code runs once, in the order its kind of module expects', async (t) => {
  const reactor = 'EXPORT(_initialize) void i(void) { mark(105); } EXPORT(_start) void s(void) { mark(115); }'
  const command = 'EXPORT(_start) void s(void) { mark(115); }'
  const haskell =
    'EXPORT(hs_init) void h(int c, int v) { mark(104); } EXPORT(_initialize) void i(void) { mark(105); }'
  const { ask } = await startRunner(t, {
    reactor: await compileC(begins(reactor)),
    command: await compileC(begins(command)),
    haskell: await compileC(begins(haskell)),
    exits: await compileC(`
      WASI(proc_exit) void proc_exit(int);
      ${begins('EXPORT(_start) void s(void) { mark(115); proc_exit(0); }')}`),
  })
  for (const round of [1, 2]) {
    assert.equal(await ask({ cid: 'reactor' }), 'i', `round ${round}`)
    assert.equal(await ask({ cid: 'command' }), 's', `round ${round}`)
    assert.equal(await ask({ cid: 'haskell' }), 'ih', `round ${round}`)
    assert.equal(await ask({ cid: 'exits' }), 's', `round ${round}`)
  }
})
