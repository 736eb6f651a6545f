// The next call of a function, taken out of a running emulator for a debugger; all others go their way.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { Problem } from '../../src/base/errors.ts'
import { ControlClient } from '../../src/client/control.ts'
import type { InterceptedCall } from '../../src/client/debug-messages.ts'
import { type Running, up } from '../helpers/wasmate.ts'

interface Waiting {
  /** The call, once there is one. */
  call: Promise<InterceptedCall>
  /** Settles when the call is answered. */
  over: Promise<unknown>
  leave(): void
}

suite('the next call of a function', { timeout: 60_000 }, () => {
  let cwd: string
  let running: Running
  let client: ControlClient

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    // Neither a chain nor the function is needed: a call is taken before it is looked at.
    running = await up({ cwd, devnet: join(cwd, 'no-devnet') })
    client = new ControlClient(running.state)
  })
  after(async () => {
    await running.stop()
    await rm(cwd, { recursive: true, force: true })
  })

  const wait = (name: string): Waiting => {
    const leaving = new AbortController()
    let over: Promise<unknown> = Promise.resolve()
    const call = new Promise<InterceptedCall>((resolve) => {
      const asked = client.stream('debugNext', { name }, { signal: leaving.signal, step: resolve })
      over = asked.catch((error: unknown) => error)
    })
    return { call, over, leave: () => leaving.abort() }
  }
  const post = (name: string, body: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${running.state.urls.functions}/functions/${name}/run`, { method: 'POST', body, ...init })
  const codeOf = async (response: Response): Promise<[number, string]> => [
    response.status,
    ((await response.json()) as Problem).code,
  ]
  /** Calls until one is taken: it is not known when the debugger has begun to wait. */
  const callUntilTaken = async (
    name: string,
    { call }: Waiting,
    init?: RequestInit,
  ): Promise<Promise<Response>> => {
    for (;;) {
      const response = post(name, 'Ada', init)
      response.catch(() => undefined)
      const taken = await Promise.race([
        call.then(() => true),
        response.then(
          () => false,
          () => false,
        ),
      ])
      if (taken) return Promise.resolve(response)
    }
  }
  const answer = (id: string, result: { ok: true; base64: string }): Promise<null> =>
    client.stream('debugAnswer', { id, export: 'run', durationMs: 5, logs: [], result }, {})
  const bytes = (text: string): { ok: true; base64: string } => {
    return { ok: true, base64: Buffer.from(text).toString('base64') }
  }

  test('is answered by the debugger, with a word of it in the record; the one after it is not', async () => {
    const waiting = wait('greet')
    const response = callUntilTaken('greet', waiting)
    const { id, export: exported, base64 } = await waiting.call
    assert.deepEqual([exported, Buffer.from(base64, 'base64').toString()], ['run', 'Ada'])
    await answer(id, bytes('Hello from the debugger'))
    const answered = await response
    assert.deepEqual([answered.status, await answered.text()], [200, 'Hello from the debugger'])
    assert.equal(await waiting.over, null)
    const [record] = await client.stream('history', { limit: 1 }, {})
    assert.match(record?.logs.at(-1)?.message ?? '', /answered under the debugger/)
    assert.deepEqual(await codeOf(await post('greet', 'Eve')), [404, 'FUNCTION_NOT_FOUND'])
  })

  test('of another function goes its way while a debugger waits', async () => {
    const waiting = wait('greet')
    const response = callUntilTaken('greet', waiting)
    const { id } = await waiting.call
    assert.deepEqual(await codeOf(await post('other', '')), [404, 'FUNCTION_NOT_FOUND'])
    await answer(id, bytes(''))
    assert.equal((await response).status, 200)
  })

  test('fails with DEBUG_ENDED when the debugger goes before it has answered', async () => {
    const waiting = wait('greet')
    const response = callUntilTaken('greet', waiting)
    await waiting.call
    waiting.leave()
    assert.deepEqual(await codeOf(await response), [503, 'DEBUG_ENDED'])
    await waiting.over
  })

  test('is over when its caller goes: the debugger hears of it, and its answer is refused', async () => {
    const waiting = wait('greet')
    const gone = new AbortController()
    const response = callUntilTaken('greet', waiting, { signal: gone.signal })
    const { id } = await waiting.call
    gone.abort()
    await assert.rejects(response)
    assert.equal(await waiting.over, null)
    await assert.rejects(answer(id, bytes('')), { code: 'INPUT_INVALID' })
  })

  test('is nobody’s when the debugger that waits for it goes first', async () => {
    const waiting = wait('greet')
    waiting.leave()
    await waiting.over
    assert.deepEqual(await codeOf(await post('greet', 'Eve')), [404, 'FUNCTION_NOT_FOUND'])
  })

  test('goes to debuggers in the order in which they began to wait', async () => {
    const first = wait('greet')
    const one = callUntilTaken('greet', first)
    const taken = await first.call
    const second = wait('greet')
    const other = callUntilTaken('greet', second)
    const next = await second.call
    assert.notEqual(taken.id, next.id)
    await answer(next.id, bytes('2'))
    await answer(taken.id, bytes('1'))
    assert.deepEqual([await (await one).text(), await (await other).text()], ['1', '2'])
  })
})
