// From the keys that save a source to the answer of what was saved, on the screen: built, pinned, registered, called.

import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { startServer } from '../../vscode/host/server.ts'
import { emulatorSettings } from '../../vscode/host/settings.ts'
import { Workbench } from '../../vscode/host/workbench.ts'
import { median, percentile, round } from '../measure.ts'
import { type Bench, extension, startHello } from './place.ts'

const saves = 30
const warmup = 5

export async function measureSaves({ browser, newFolder, print }: Bench): Promise<void> {
  const workspace = await newFolder()
  const running = await startHello(workspace)
  const settings = { ...(await emulatorSettings()), 'wasmate.editor.saveAndRun': 'run' }
  const server = await startServer({ settings })
  try {
    const workbench = await Workbench.open({ server, browser, workspace, extension })
    const times = await saveAgainAndAgain(workbench)
    await workbench.leave()
    print('save-to-visible-ms', median(times), 'ms', { saves, p95: round(percentile(times, 0.95)) })
  } finally {
    await server.stop()
    await running.stop()
  }
}

async function saveAgainAndAgain(workbench: Workbench): Promise<number[]> {
  const { keyboard } = workbench.page
  await keyboard.press('Control+p')
  await workbench.input.fill('index.ts')
  await workbench.row('index.ts').click()
  await workbench.lens('Run').click()
  await workbench.text('→ Hello').waitFor()
  const word = workbench.page.locator('.view-line', { hasText: 'Hello,' }).last()
  await word.click()
  await keyboard.press('Home')
  for (const _ of '  const answer = `'.trimStart()) await keyboard.press('ArrowRight')
  const times: number[] = []
  for (let turn = 0; turn < saves + warmup; turn++) {
    const text = `T${String(turn).padStart(2, '0')}`
    // What the turn before has typed.
    if (turn > 0) for (const _ of text) await keyboard.press('Shift+ArrowLeft')
    await keyboard.type(text)
    await pause(settleMs)
    const ms = await timeUntilShown(workbench.page, `→ ${text}`)
    if (turn >= warmup) times.push(ms)
  }
  return times
}

/** As a person pauses before a save: what typing itself sets off is over. */
const settleMs = 700

async function timeUntilShown(page: Page, text: string): Promise<number> {
  // Waits before the keys are pressed: a page may take keys before what it was asked to run earlier.
  const waiting = await page.evaluateHandle(
    (words) => ({
      shown: new Promise<number>((resolve) => {
        const onKey = (event: KeyboardEvent): void => {
          if (event.key !== 's' || !event.ctrlKey) return
          window.removeEventListener('keydown', onKey, true)
          const from = performance.now()
          const look = (): void => {
            const seen = document.querySelector('.view-lines')?.textContent ?? ''
            if (seen.replaceAll('\u00a0', ' ').includes(words)) resolve(performance.now() - from)
            else requestAnimationFrame(look)
          }
          look()
        }
        window.addEventListener('keydown', onKey, true)
      }),
    }),
    text,
  )
  await page.keyboard.press('Control+s')
  const shown = waiting.evaluate((it) => it.shown)
  return Promise.race([shown, pause(patienceMs).then(() => notShown(page, text))])
}

const patienceMs = 30_000

async function notShown(page: Page, text: string): Promise<never> {
  const seen = await page.locator('.view-lines').first().textContent()
  throw new Error(`${text} is not shown, but: ${seen}`)
}
