// The extension in a real VS Code: mocha inside of its extension host, then a person at its workbench.

import assert from 'node:assert/strict'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { launchChromium } from './host/chromium.ts'
import { startServer } from './host/server.ts'
import { emulatorSettings } from './host/settings.ts'
import { findSuites, makeSuite, runSuite } from './host/suite.ts'
import { openWorld, worldVariable } from './host/world.ts'
import { Workbench } from './host/workbench.ts'
import { isRefusedWithoutTrust, walkThroughFolder } from './walk.ts'
import { type Given, makeDeeds } from './world.ts'

/** These only read what is pinned, and those debug; each of the others has an emulator and an editor of its own. */
const together = [
  /(?:activation|ipfs-files|open-cid)\.mocha\.ts$/,
  /debugging[^/]*\.mocha\.ts$/,
  /(?:tasks|testing|tools)\.mocha\.ts$/,
]
const suites = await findSuites(import.meta.dirname)
const groups = [
  ...together.map((names) => suites.filter((path) => names.test(path))),
  ...suites.filter((path) => !together.some((names) => names.test(path))).map((path) => [path]),
]

for (const group of groups) {
  const names = group.map((path) => basename(path, '.mocha.ts'))
  test(`in the extension host: ${names.join(', ')}`, async (t) => {
    const workspace = await temporaryFolder(t)
    const world = await openWorld(t, { ...(await makeDeeds(t, workspace)) })
    const suite = await makeSuite(await temporaryFolder(t), group)
    const server = await startServer({
      settings: await emulatorSettings(),
      env: { ...suite.env, [worldVariable]: world },
    })
    undoAfter(t, () => server.stop())
    const browser = await launchChromium()
    undoAfter(t, () => browser.close())
    const { results, output } = await runSuite(suite, { server, browser, workspace })
    if (output.trim()) t.diagnostic(output.trim())
    for (const { title, error } of results) {
      await t.test(title, () => assert.equal(error, undefined, error))
    }
  })
}

test('a person at the workbench', async (t) => {
  const workspace = await temporaryFolder(t)
  const deeds = await makeDeeds(t, workspace)
  const suite = await makeSuite(await temporaryFolder(t), [])
  const server = await startServer({ settings: await emulatorSettings() })
  undoAfter(t, () => server.stop())
  const browser = await launchChromium()
  undoAfter(t, () => browser.close())
  const files = { 'notes/today.md': '# Today\n\nPinned, and so it stays.\n', 'hello.wasm': '\0asm' }
  const { '': cid = '' } = await deeds.add({ files: Object.entries(files).map(toGiven), cidVersion: 1 })
  const workbench = await Workbench.open({ server, browser, workspace, extension: suite.folder })
  undoAfter(t, () => workbench.close())
  const pictures = process.env['WASMATE_TEST_PICTURES'] ?? (await temporaryFolder(t))
  const picture = (name: string): Promise<unknown> => workbench.picture(join(pictures, `${name}.png`))
  await t.test('nothing that a folder names is asked before the folder is trusted', async (trusting) => {
    const restricted = await startServer({ trustsNothing: true })
    undoAfter(trusting, () => restricted.stop())
    const window = await Workbench.open({ server: restricted, browser, workspace, extension: suite.folder })
    undoAfter(trusting, () => window.close())
    await isRefusedWithoutTrust(window, cid)
  })
  await t.test(
    'a person opens a folder by its CID, reads a file, can not change it, adds it to the Explorer',
    async () => {
      try {
        await walkThroughFolder({ workbench, cid, picture, savedWorkspaces: server.savedWorkspaces })
      } catch (error) {
        await picture('open-cid-failed')
        throw error
      }
    },
  )
})

function toGiven([path, text]: [string, string]): Given {
  return { path, base64: Buffer.from(text).toString('base64') }
}
