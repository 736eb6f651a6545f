// Lines of calls that broke off: one build a module, however often its calls do, and never of other code.

import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import { WasmateError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { Places } from '../../src/emulator/places/places.ts'
import { SourceFrames } from '../../src/emulator/places/source-frames.ts'
import { Builds, stampSource } from '../../src/flows/builds.ts'
import type { Source } from '../../src/model.ts'
import { limits, makeBuilder, makeSource } from '../helpers/builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { type TestRunner, startRunner } from '../helpers/runner.ts'

const text = 'export function run(): i32 {\n  unreachable()\n  return 0\n}\n'

interface Scene extends TestRunner {
  places: Places
  source: Source
  /** How often something was built with lines. */
  built(): number
}

/** `recorded`: what the module that is called is said to be built of. */
async function setUp(t: TestContext, recorded = text): Promise<Scene> {
  const folder = await temporaryFolder(t)
  const builder = makeBuilder(t)
  const called = await builder.compile(await makeSource(folder, 'called', { 'index.ts': text }))
  const source = await makeSource(folder, 'fn', { 'index.ts': recorded })
  const builds = new Builds(`${folder}/builds.json`, silentLog)
  const stamp = await stampSource(source)
  await builds.record(source, { cid: 'cid', size: 1, exports: ['run'], builtAt: 0, stamp })
  const running = await startRunner(t, { cid: called.bytes })
  let count = 0
  const compileLines: typeof builder.compileLines = (...asked) => {
    count++
    return builder.compileLines(...asked)
  }
  const bytesOf = (cid: string): Uint8Array | undefined => running.runner.bytesOf(cid)
  const sourceFrames = new SourceFrames({ builder, replays: running.runner.replays, folder })
  const places = new Places({
    ...{ folder, defaults: limits, builds, builder: { compileLines }, sourceFrames, bytesOf },
  })
  return { ...running, places, source, built: () => count }
}

const options = { ...limits, allowedHosts: [], config: {} }
const given = { input: new Uint8Array(), options }

const breakOff = ({ invoke }: TestRunner): Promise<unknown> =>
  invoke({ cid: 'cid' }).catch((error: unknown) => error)

suite('places of calls that broke off', () => {
  test('one build, for calls at one time and after one another', async (t) => {
    const scene = await setUp(t)
    const error = await breakOff(scene)
    const placed = await Promise.all([1, 2, 3].map(() => scene.places.place(error, given, {})))
    placed.push(await scene.places.place(await breakOff(scene), given, {}), scene.places.placeAtOnce(error))
    for (const each of placed) {
      assert.ok(each instanceof WasmateError)
      assert.deepEqual(each.diagnostics[0], {
        ...{ file: 'index.ts', line: 2, column: 3, severity: 'error' },
        message: 'unreachable',
      })
    }
    assert.equal(scene.built(), 1)
  })

  test('a limit of memory moves the code of a module, and no line', async (t) => {
    const scene = await setUp(t)
    const asked = { cid: 'cid', options: { maxMemoryBytes: 65_536 * 200 } }
    const error = await scene.invoke(asked).catch((thrown: unknown) => thrown)
    const placed = (await scene.places.place(error, given, {})) as WasmateError
    assert.equal(placed.callStack?.frames[0]?.line, 2)
  })

  test('a source that gives other code: no lines, the reason, and no second build', async (t) => {
    const scene = await setUp(t, text.replace('unreachable()', ''))
    for (const _ of [1, 2]) {
      const placed = (await scene.places.place(await breakOff(scene), given, {})) as WasmateError
      assert.equal(placed.callStack?.linesMissing, 'its compiler gives other code when it is to tell lines')
      assert.equal(placed.callStack.frames.length, 1)
      assert.deepEqual(placed.diagnostics, [])
    }
    assert.equal(scene.built(), 1)
  })

  test('nobody waits for them any more: the reason, and the next one gets them', async (t) => {
    const scene = await setUp(t)
    const error = await breakOff(scene)
    const gone = (await scene.places.place(error, given, { signal: AbortSignal.abort() })) as WasmateError
    assert.equal(gone.callStack?.linesMissing, 'nobody waited for them')
    const placed = (await scene.places.place(error, given, {})) as WasmateError
    assert.equal(placed.callStack?.linesMissing, undefined)
  })

  test('what is no call that broke off stays as it is', async (t) => {
    const { places } = await setUp(t)
    const error = new WasmateError('QUEUE_FULL')
    assert.equal(await places.place(error, given, {}), error)
    assert.equal(places.placeAtOnce(error), error)
  })
})
