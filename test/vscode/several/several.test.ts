// Two folders in one window, in a real VS Code.

import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../helpers/folder.ts'
import { undoAfter } from '../../helpers/undo.ts'
import { launchChromium } from '../host/chromium.ts'
import { startServer } from '../host/server.ts'
import { emulatorSettings } from '../host/settings.ts'
import { makeSuite, runSuite } from '../host/suite.ts'

test('in the extension host: two folders', async (t) => {
  const folder = await temporaryFolder(t)
  const names = ['one', 'two']
  for (const name of names) await mkdir(join(folder, name))
  const workspace = join(folder, 'both.code-workspace')
  await writeFile(workspace, JSON.stringify({ folders: names.map((path) => ({ path })) }))
  const suite = await makeSuite(await temporaryFolder(t), [join(import.meta.dirname, 'several.mocha.ts')])
  const server = await startServer({ settings: await emulatorSettings(), env: suite.env })
  undoAfter(t, () => server.stop())
  const browser = await launchChromium()
  undoAfter(t, () => browser.close())
  const { results, output } = await runSuite(suite, { server, browser, workspace })
  if (output.trim()) t.diagnostic(output.trim())
  for (const { title, error } of results) await t.test(title, () => assert.equal(error, undefined, error))
})
