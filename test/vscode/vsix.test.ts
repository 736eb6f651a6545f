// The packed extension: how large it is, what is in it, and that it takes a person all the way.

import assert from 'node:assert/strict'
import { mkdir, readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { launchChromium } from './host/chromium.ts'
import { installExtension, packExtension } from './host/packed.ts'
import { startServer } from './host/server.ts'
import { emulatorSettings } from './host/settings.ts'
import { Workbench } from './host/workbench.ts'
import { walkAsNewcomer } from './newcomer.ts'

const mostBytes = 5_000_000

test('the packed extension', async (t) => {
  const folder = await temporaryFolder(t)
  const vsix = join(folder, 'wasmate.vsix')
  await packExtension(vsix)
  await t.test('is at most 5 MB', async () => {
    const { size } = await stat(vsix)
    t.diagnostic(`${size} bytes`)
    assert.ok(size <= mostBytes, `${size} bytes`)
  })
  const extensionsFolder = await temporaryFolder(t)
  const installed = await installExtension(vsix, extensionsFolder)
  await t.test('holds what it runs with, and nothing else', () => holdsWhatItRunsWith(installed))
  await t.test('from an empty folder to a function that is registered and called', (walking) =>
    walkInBrowser(walking, extensionsFolder),
  )
})

/** What may be in it, by folder. */
const parts: Record<string, RegExp> = {
  '': /^(?:package\.json|package\.nls(?:\..+)?\.json|readme\.md|changelog\.md|LICENSE\.txt|\.vsixmanifest)$/,
  contracts: /\.json$/,
  dist: /\.(?:cjs|mjs|js|css|wasm)$/,
  l10n: /\.json$/,
  media: /^(?!screenshots\/).+\.(?:png|svg|js|css|md|html|h|c|ts|json)$/,
  node_modules: /^(?:assemblyscript|binaryen|long|@extism\/as-pdk)\//,
}

const needed = [
  ...['package.json', 'package.nls.json', 'readme.md', 'changelog.md', 'LICENSE.txt', 'media/icon.png'],
  ...[
    'dist/extension.cjs',
    'dist/invocation.js',
    'dist/cli.mjs',
    'dist/runner-worker.mjs',
    'dist/compiler-worker.mjs',
    'dist/coverage-host.mjs',
  ],
  ...['dist/kernel.wasm', 'dist/llhttp.wasm', 'contracts/registry.sierra.json'],
  ...['media/templates/hello/assemblyscript/index.ts', 'node_modules/assemblyscript/dist/asc.js'],
  'node_modules/assemblyscript/std/assembly/index.d.ts',
]

async function holdsWhatItRunsWith(installed: string): Promise<void> {
  const entries = await readdir(installed, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(installed.length + 1))
  const strange = files.filter((file) => {
    const [, top = '', rest = file] = /^([^/]+)\/(.+)$/.exec(file) ?? []
    return !parts[top]?.test(rest) || /\.map$|\.test\.[jt]s$|(?:^|\/)\.env/.test(file)
  })
  assert.deepEqual(strange, [])
  assert.deepEqual(
    needed.filter((file) => !files.includes(file)),
    [],
  )
  for (const file of files.filter((name) => name.startsWith('dist/'))) {
    const text = await readFile(join(installed, file), 'latin1')
    assert.doesNotMatch(text, /sourceMappingURL=data:|-----BEGIN [A-Z ]*PRIVATE KEY/, file)
  }
}

async function walkInBrowser(t: TestContext, extensionsFolder: string): Promise<void> {
  // Its name is in the title of the window.
  const workspace = join(await temporaryFolder(t), 'functions')
  await mkdir(workspace)
  const server = await startServer({ extensionsFolder, settings: await emulatorSettings() })
  undoAfter(t, () => server.stop())
  const browser = await launchChromium()
  undoAfter(t, () => browser.close())
  const workbench = await Workbench.open({ server, browser, workspace })
  undoAfter(t, () => workbench.close())
  const pictures = process.env['WASMATE_TEST_PICTURES'] ?? (await temporaryFolder(t))
  const picture = (name: string): Promise<void> => workbench.picture(join(pictures, `${name}.png`))
  try {
    await walkAsNewcomer({ workbench, workspace, picture })
  } catch (error) {
    await picture('newcomer-failed')
    throw error
  }
}
