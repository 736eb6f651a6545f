// A window without a folder, in a real VS Code.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../helpers/folder.ts'
import { undoAfter } from '../../helpers/undo.ts'
import { launchChromium } from '../host/chromium.ts'
import { startServer } from '../host/server.ts'
import { emulatorSettings } from '../host/settings.ts'
import { makeSuite, runSuite } from '../host/suite.ts'

test('in the extension host: a window without a folder', async (t) => {
  const suite = await makeSuite(await temporaryFolder(t), [join(import.meta.dirname, 'empty.mocha.ts')])
  const server = await startServer({ settings: await emulatorSettings(), env: suite.env })
  undoAfter(t, () => server.stop())
  const browser = await launchChromium()
  undoAfter(t, () => browser.close())
  const { results, output } = await runSuite(suite, { server, browser })
  if (output.trim()) t.diagnostic(output.trim())
  for (const { title, error } of results) await t.test(title, () => assert.equal(error, undefined, error))
})
