// From the start of a debug session, as F5 does it, to the stop at a breakpoint; the emulator runs. In a real VS Code.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchChromium } from '../../vscode/host/chromium.ts'
import { measureInHost, startHello } from '../extension/place.ts'
import { median, percentile, round } from '../measure.ts'

const windows = 5

export async function measureBreakpoint(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-bench-'))
  const newFolder = (): Promise<string> => mkdtemp(join(folder, 'place-'))
  const browser = await launchChromium()
  try {
    const workspace = await newFolder()
    const running = await startHello(workspace)
    const bench = { browser, newFolder, print: () => undefined }
    const asked = { file: '../debugging/breakpoint.host.ts', workspace, windows }
    const {
      first = [],
      next = [],
      asked: begun = [],
      built = [],
    } = await measureInHost(bench, asked).finally(() => running.stop())
    const details = {
      windows,
      max: round(Math.max(...first)),
      again: round(median(next)),
      begun: begun.map((ms) => round(ms)),
      built: built.map((ms) => round(ms)),
    }
    const p95 = round(percentile(first, 0.95))
    console.log(
      JSON.stringify({ name: 'breakpoint-ms', value: round(median(first)), unit: 'ms', p95, ...details }),
    )
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
