// A registry of a thousand functions: from the click that opens the sidebar to its rows, and how it scrolls.

import type { Page } from 'playwright-core'
import { startServer } from '../../vscode/host/server.ts'
import { emulatorSettings } from '../../vscode/host/settings.ts'
import { Workbench } from '../../vscode/host/workbench.ts'
import { publishMany } from '../../vscode/world.ts'
import { median, percentile, round } from '../measure.ts'
import { type Bench, extension, startHello } from './place.ts'

const functions = 1_000
const windows = 7

export async function measureTree({ browser, newFolder, print }: Bench): Promise<void> {
  const workspace = await newFolder()
  const running = await startHello(workspace)
  const server = await startServer({ settings: await emulatorSettings() })
  try {
    const response = await fetch(`${running.state.urls.functions}/functions`)
    const { functions: served } = (await response.json()) as { functions: { cid: string }[] }
    await publishMany(running, functions, served[0]?.cid ?? '')
    const [times, frames]: [number[], number[]] = [[], []]
    for (let window = 0; window < windows; window++) {
      const workbench = await Workbench.open({ server, browser, workspace, extension })
      // A sidebar that is opened in a window that uses the extension already.
      await workbench.command('Wasmate: Start Emulator')
      await workbench.text('Wasmate: running').waitFor()
      times.push(await timeToOpen(workbench))
      frames.push(await longestFrame(workbench.page))
      await workbench.leave()
    }
    const longestFrameMs = round(median(frames))
    print('tree-1000-ms', median(times), 'ms', {
      windows,
      p95: round(percentile(times, 0.95)),
      longestFrameMs,
    })
  } finally {
    await server.stop()
    await running.stop()
  }
}

/** The rows of the registry's view. */
const rows = '.pane:has(.pane-header[aria-label^="Registry"]) .monaco-list-rows'

async function timeToOpen(workbench: Workbench): Promise<number> {
  const waiting = await workbench.page.evaluateHandle(
    (selector) => ({
      shown: new Promise<number>((resolve) => {
        const onClick = (): void => {
          const from = performance.now()
          const look = (): void => {
            if (document.querySelector(selector)?.textContent?.includes('name-'))
              resolve(performance.now() - from)
            else requestAnimationFrame(look)
          }
          look()
        }
        window.addEventListener('mousedown', onClick, { capture: true, once: true })
      }),
    }),
    rows,
  )
  await workbench.container('Wasmate').click()
  return waiting.evaluate((it) => it.shown)
}

/** In milliseconds, while it is scrolled from its beginning to its end. */
async function longestFrame(page: Page): Promise<number> {
  await page.locator(rows).hover()
  const longest = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const from = performance.now()
        let [last, most] = [from, 0]
        const look = (): void => {
          const now = performance.now()
          most = Math.max(most, now - last)
          last = now
          if (now - from > 2_000) resolve(most)
          else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      }),
  )
  for (let turn = 0; turn < 50; turn++) await page.mouse.wheel(0, 500)
  return longest
}
