// A person debugs a function: F9, F5, a look around, a change of the source, and once more.

import type { Locator } from 'playwright-core'
import type { Newcomer } from './newcomer.ts'

const stopped = '.debug-top-stack-frame-line'

export async function debugIt(newcomer: Newcomer): Promise<void> {
  const steps = [stopAtLine, lookBesideVariables, changeAndRestart, end]
  for (const step of steps) await step(newcomer)
}

/** F5 in the source starts what is edited: nothing is chosen or written down before. */
async function stopAtLine({ workbench }: Newcomer): Promise<void> {
  const { page } = workbench
  await workbench.tab('index.ts').click()
  await workbench.command('View: Close Editors in Other Groups')
  await workbench.type('')
  await page.keyboard.press('Control+Home')
  for (let line = 1; line < 10; line++) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('F9')
  await page.locator('.codicon-debug-breakpoint').first().waitFor()
  await page.keyboard.press('F5')
  await page.locator(stopped).first().waitFor()
  await workbench.treeRow('Variables', 'answer').getByText('"Good morning, world!"').waitFor()
}

async function lookBesideVariables(newcomer: Newcomer): Promise<void> {
  const { workbench, picture } = newcomer
  const { page } = workbench
  const pane = async (title: string, isOpen: boolean): Promise<void> => {
    const header = page.locator(`.pane-header[aria-label^="${title}"]`)
    if ((await header.getAttribute('aria-expanded')) !== String(isOpen)) await header.click()
  }
  await workbench.command('View: Hide Panel')
  for (const title of ['Watch', 'Breakpoints']) await pane(title, false)
  await pane('Function and Host', true)
  const row = (words: string): Locator => workbench.treeRow('Function and Host', words)
  await row('Vars').waitFor()
  await makeRoom(newcomer)
  await row('Linear memory').waitFor()
  await picture('debugging')
  // Down to the last line, which is opened: what is in it is below.
  await workbench.click(row('Vars'), async () => {
    for (let line = 1; line < 6; line++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    await row('0x00000000').waitFor({ timeout: 5_000 })
  })
}

/** The view gets half of what the call stack has, by its border. */
async function makeRoom({ workbench: { page } }: Newcomer): Promise<void> {
  const above = await page.locator('.pane-header[aria-label^="Call Stack"]').boundingBox()
  const border = await page.locator('.pane-header[aria-label^="Breakpoints"]').boundingBox()
  if (!above || !border) throw new Error('the side bar of the debugger is not there')
  await page.mouse.move(border.x + 100, border.y)
  await page.mouse.down()
  await page.mouse.move(border.x + 100, (above.y + border.y) / 2, { steps: 5 })
  await page.mouse.up()
}

async function changeAndRestart({ workbench }: Newcomer): Promise<void> {
  const { page } = workbench
  await page.locator('.view-line', { hasText: 'inputString' }).first().click()
  await page.keyboard.press('End')
  await workbench.type(" + '!")
  await page.keyboard.press('Control+s')
  await page.getByRole('button', { name: 'Rebuild and Restart' }).first().click()
  await workbench.treeRow('Variables', 'answer').getByText('"Good morning, !!"').waitFor()
}

async function end({ workbench }: Newcomer): Promise<void> {
  await workbench.page.keyboard.press('Shift+F5')
  await workbench.page.locator('.debug-toolbar').waitFor({ state: 'hidden' })
}
