// From the start of a debug session, as F5 does it, to the stop at a breakpoint; the emulator runs. In a real VS Code.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchChromium } from '../../vscode/host/chromium.ts'
import { type Bench, measureInHost, startHello } from '../extension/place.ts'
import { median, percentile, round } from '../measure.ts'
import { restVariable } from './rest.ts'

const windows = 5

/** As long as somebody takes at least to read a function and set a breakpoint, while the window still opens behind it. */
const restMs = 3000

export async function measureBreakpoint(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-bench-'))
  const newFolder = (): Promise<string> => mkdtemp(join(folder, 'place-'))
  const browser = await launchChromium()
  try {
    const workspace = await newFolder()
    const running = await startHello(workspace)
    try {
      const bench = { browser, newFolder, print: () => undefined }
      print('breakpoint-ms', await measure(bench, workspace, restMs))
      // Nobody is as fast: the first debug session of a window that is not yet open as a whole.
      print('breakpoint-opening-ms', await measure(bench, workspace, 0))
    } finally {
      await running.stop()
    }
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function measure(bench: Bench, workspace: string, rest: number): Promise<Record<string, number[]>> {
  const file = '../debugging/breakpoint.host.ts'
  return measureInHost(bench, { file, workspace, windows, env: { [restVariable]: `${rest}` } })
}

/** The first of each window, with the median of those after it, and when VS Code first asked for anything. */
function print(name: string, { first = [], next = [], asked = [] }: Record<string, number[]>): void {
  const value = round(median(first))
  const [p95, max] = [round(percentile(first, 0.95)), round(Math.max(...first))]
  const begun = asked.map((ms) => round(ms))
  console.log(
    JSON.stringify({ name, value, unit: 'ms', p95, windows, max, again: round(median(next)), begun }),
  )
}
