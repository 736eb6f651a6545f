// The extension in a real VS Code: what its start costs, how soon a save is answered on the screen, long lists.

import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchChromium } from '../vscode/host/chromium.ts'
import { codeServerVersion } from '../vscode/host/install.ts'
import { packExtension } from '../vscode/host/packed.ts'
import { measureActivation } from './extension/activation.ts'
import { measureHistory } from './extension/history.ts'
import type { Bench } from './extension/place.ts'
import { measureSaves } from './extension/saves.ts'
import { measureTree } from './extension/tree.ts'
import { round } from './measure.ts'

export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-bench-'))
  const browser = await launchChromium()
  const bench: Bench = {
    browser,
    newFolder: () => mkdtemp(join(folder, 'place-')),
    print: (name, value, unit, details) => {
      const codeServer = codeServerVersion
      console.log(JSON.stringify({ name, value: round(value), unit, ...details, codeServer }))
    },
  }
  try {
    await measureActivation(bench)
    await measureSaves(bench)
    await measureTree(bench)
    await measureHistory(bench)
    await measureVsix(bench)
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function measureVsix({ newFolder, print }: Bench): Promise<void> {
  const path = join(await newFolder(), 'wasmate.vsix')
  await packExtension(path)
  const { size } = await stat(path)
  print('vsix-mb', size / 1_000_000, 'MB', { bytes: size })
}
