// The sidebar as a person meets it: what each view says while it is empty, and a way through it by keyboard alone.

import assert from 'node:assert/strict'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { until } from '../helpers/until.ts'
import { chainIs, up, wasmate } from '../helpers/wasmate.ts'
import { launchChromium } from './host/chromium.ts'
import { type Server, type ServerOptions, startServer } from './host/server.ts'
import { makeSuite } from './host/suite.ts'
import { Workbench } from './host/workbench.ts'

const viewTitles = ['Functions', 'Registry', 'Emulator', 'Invocations']

test('the sidebar at a workbench', { timeout: 600_000 }, async (t) => {
  const { folder: extension } = await makeSuite(await temporaryFolder(t), [])
  const browser = await launchChromium()
  undoAfter(t, () => browser.close())
  const serve = async (context: TestContext, options: ServerOptions = {}): Promise<Server> => {
    const server = await startServer(options)
    undoAfter(context, () => server.stop())
    return server
  }
  const trusting = await serve(t)
  const open = (context: TestContext, server: Server, workspace?: string): Promise<Workbench> =>
    openSidebar(context, { server, browser, extension, ...(workspace !== undefined && { workspace }) })

  await t.test('without a folder each view offers to open one', async (context) => {
    const window = await open(context, trusting)
    await haveButtons(window, { 'Open Folder': 4 })
  })

  await t.test(
    'in a folder that is not trusted its functions are listed, the other views offer to trust it, and nothing runs',
    async (context) => {
      const workspace = await temporaryFolder(context)
      await mkdir(join(workspace, 'hello'))
      await writeFile(join(workspace, 'hello/index.ts'), 'export function hello(): i32 { return 0 }\n')
      const window = await open(context, await serve(context, { trustsNothing: true }), workspace)
      await window.treeRow('Functions', 'this folder is not trusted').waitFor()
      await haveButtons(window, { 'Manage Workspace Trust': 3, 'Start Emulator': 0, 'New Function': 0 })
      await assert.rejects(access(join(workspace, '.wasmate')))
    },
  )

  await t.test('in an empty folder there is a function to make and an emulator to start', async (context) => {
    const window = await open(context, trusting, await temporaryFolder(context))
    await haveButtons(window, { 'New Function': 1, 'Start Emulator': 3 })
  })

  await t.test(
    'a function, its places and its name in the registry are reached by keyboard alone',
    async (context) => {
      const cwd = await temporaryFolder(context)
      await wasmate(['new', 'hello'], { cwd })
      const running = await up({ cwd })
      undoAfter(context, () => running.stop())
      await chainIs(running.state, 'ready')
      await wasmate(['deploy', 'hello'], { cwd })
      const window = await open(context, trusting, cwd)
      const { keyboard } = window.page
      await window.treeRow('Functions', 'hello').waitFor()
      await window.command('Wasmate: Focus on Functions View')
      for (const key of ['ArrowDown', 'Home', 'ArrowRight']) await keyboard.press(key)
      await window.treeRow('Functions', 'Registered').waitFor()
      await window.treeRow('Registry', 'hello').waitFor()
      await window.command('Wasmate: Focus on Registry View')
      for (const key of ['ArrowDown', 'Home', 'ArrowRight']) await keyboard.press(key)
      await window.treeRow('Registry', 'current').waitFor()
      const spoken = await window.treeRow('Registry', 'current').getAttribute('aria-label')
      assert.match(spoken ?? '', /^version 1, current/)
      await keyboard.press('Shift+F10')
      await window.page.getByRole('menuitem', { name: 'Copy CID' }).waitFor()
      await keyboard.press('Escape')
      await wasmate(['invoke', 'hello'], { cwd })
      await isShownWhileRead(window, running.state.pid)
    },
  )
})

interface Window {
  server: Server
  browser: Browser
  extension: string
  workspace?: string
}

async function openSidebar(context: TestContext, options: Window): Promise<Workbench> {
  const window = await Workbench.open(options)
  undoAfter(context, () => window.leave())
  await window.container('Wasmate').click()
  for (const title of viewTitles) {
    await window.page.locator(`.pane-header[aria-label^="${title}"]`).first().waitFor()
  }
  return window
}

/** So many of each are seen in the sidebar, sooner or later. */
async function haveButtons({ page }: Workbench, wanted: Record<string, number>): Promise<void> {
  let found: Record<string, number> = {}
  const look = async (): Promise<boolean> => {
    const counts = Object.keys(wanted).map(async (name) => {
      const buttons = page.locator('.part.sidebar .monaco-button', { hasText: name })
      return [name, await buttons.count()] as const
    })
    found = Object.fromEntries(await Promise.all(counts))
    return Object.entries(wanted).every(([name, count]) => found[name] === count)
  }
  await until(look, 'the buttons').catch(() => undefined)
  assert.deepEqual(found, wanted)
}

/** A call that is clicked while the list is read anew: VS Code has forgotten by then what its lines came with. */
async function isShownWhileRead(window: Workbench, emulator: number): Promise<void> {
  const call = window.treeRow('Invocations', 'hello')
  await call.waitFor()
  process.kill(emulator, 'SIGSTOP')
  try {
    await window.command('Wasmate: Refresh Views')
    await window.page.locator('.pane .monaco-progress-container.active').last().waitFor()
    await call.click()
  } finally {
    process.kill(emulator, 'SIGCONT')
  }
  await window.webview().getByRole('heading', { name: 'hello · hello' }).waitFor()
  assert.equal(await window.page.locator('.notification-toast').count(), 0)
}
