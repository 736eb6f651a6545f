// Windows come and go, are killed, and so is what runs beside them: nothing is left behind, nothing is there twice.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type ProcessIdentity, endProcess, identify, isRunning } from '../../src/base/process.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { until } from '../helpers/until.ts'
import { chainIs, readEmulatorFile } from '../helpers/wasmate.ts'
import { launchChromium } from './host/chromium.ts'
import { type Server, startServer } from './host/server.ts'
import { emulatorSettings } from './host/settings.ts'
import { Workbench } from './host/workbench.ts'

/** The product as it is built. */
const extension = join(import.meta.dirname, '../..')

/** How long an emulator stays when nobody listens to it any more, and somewhat more. */
const afterLeaseMs = 8_000

interface Place {
  server: Server
  workspace: string
  open(): Promise<Workbench>
}

test('the windows of a folder and its emulator', async (t) => {
  const browser = await launchChromium()
  undoAfter(t, () => browser.close())
  const openPlace = async (context: TestContext): Promise<Place> => {
    const workspace = await temporaryFolder(context)
    undoAfter(context, () => endWhatRuns(workspace))
    const server = await startServer({ settings: await emulatorSettings() })
    undoAfter(context, () => server.stop())
    const open = (): Promise<Workbench> => Workbench.open({ server, browser, workspace, extension })
    return { server, workspace, open }
  }

  await t.test('when VS Code is killed, nothing is left running', async (killing) => {
    const { server, workspace, open } = await openPlace(killing)
    await startIn(await open())
    const running = await processesOf(workspace)
    assert.equal(running.length, 2)
    await server.stop()
    await areGone(running)
  })

  await t.test('two windows share one, which stays until the last of them is closed', async (sharing) => {
    const { workspace, open } = await openPlace(sharing)
    const first = await open()
    await startIn(first)
    const running = await processesOf(workspace)
    const second = await open()
    await second.text('Wasmate: running').waitFor()
    await first.leave()
    await pause(afterLeaseMs)
    assert.deepEqual(await processesOf(workspace), running)
    await second.text('Wasmate: running').waitFor()
    await second.leave()
    await areGone(running)
  })

  await t.test('one that is killed is shown as stopped, and is started again on demand', async (dying) => {
    const { workspace, open } = await openPlace(dying)
    const window = await open()
    await startIn(window)
    const [emulator, ...children] = await processesOf(workspace)
    if (!emulator) throw new Error('there is no emulator')
    process.kill(emulator.pid, 'SIGKILL')
    await window.text('Wasmate: stopped').waitFor()
    await areGone([emulator, ...children])
    await startIn(window)
    const [next] = await processesOf(workspace)
    assert.notEqual(next?.pid, emulator.pid)
  })
})

async function startIn(window: Workbench): Promise<void> {
  await window.command('Wasmate: Start Emulator')
  await window.text('Wasmate: running').waitFor({ timeout: 60_000 })
}

/** The emulator and its devnet. */
async function processesOf(workspace: string): Promise<ProcessIdentity[]> {
  const state = await readEmulatorFile(workspace)
  if (!state) return []
  await chainIs(state, 'ready')
  const emulator = await identify(state.pid)
  const children = await readFile(join(workspace, '.wasmate/children.json'), 'utf8')
  return [...(emulator ? [emulator] : []), ...(JSON.parse(children) as ProcessIdentity[])]
}

async function areGone(processes: ProcessIdentity[]): Promise<void> {
  await until(async () => (await Promise.all(processes.map(isRunning))).every((runs) => !runs), 'their end')
}

/** Should a test have failed before it did. */
async function endWhatRuns(workspace: string): Promise<void> {
  const state = await readEmulatorFile(workspace)
  const emulator = state && (await identify(state.pid))
  if (emulator) await endProcess(emulator)
}
