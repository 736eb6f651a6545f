// The invocation view in a real VS Code, on a real emulator: what a person sees of a call, and does with it.

import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { FrameLocator, Locator } from 'playwright-core'
import { ControlClient } from '../../src/client/control.ts'
import type { InvocationRecord } from '../../src/trace/record.ts'
import { assemblyScriptPlugin } from '../helpers/as-plugin.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { compileAssemblyScript } from '../helpers/plugins.ts'
import { undoAfter } from '../helpers/undo.ts'
import { until } from '../helpers/until.ts'
import { chainIs, up } from '../helpers/wasmate.ts'
import { json, png, svg } from './bodies.ts'
import { launchChromium } from './host/chromium.ts'
import { startServer } from './host/server.ts'
import { makeSuite } from './host/suite.ts'
import { Workbench } from './host/workbench.ts'

test('a call in the invocation view', async (t) => {
  const workspace = await temporaryFolder(t)
  await mkdir(join(workspace, 'kit'))
  await writeFile(join(workspace, 'kit/kit.wasm'), await compileAssemblyScript(assemblyScriptPlugin))
  const running = await up({ cwd: workspace })
  undoAfter(t, () => running.stop())
  await chainIs(running.state, 'ready')
  const client = new ControlClient(running.state)
  await client.stream('deploy', { path: join(workspace, 'kit'), wait: true }, {})
  const call = (name: string, input: string | Uint8Array = ''): Promise<InvocationRecord> =>
    client.stream(
      'invoke',
      { target: 'kit', export: name, base64: Buffer.from(input).toString('base64') },
      {},
    )
  const count = async (): Promise<number> => (await client.stream('history', { limit: 100 }, {})).length

  const suite = await makeSuite(await temporaryFolder(t), [])
  const server = await startServer()
  undoAfter(t, () => server.stop())
  const browser = await launchChromium()
  undoAfter(t, () => browser.close())
  const workbench = await Workbench.open({ server, browser, workspace, extension: suite.folder })
  undoAfter(t, () => workbench.close())
  const { page } = workbench
  const pictures = process.env['WASMATE_TEST_PICTURES'] ?? (await temporaryFolder(t))
  const picture = (name: string): Promise<unknown> => workbench.picture(join(pictures, `${name}.png`))
  const view: FrameLocator = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame')
  const tab = (name: string): Locator => view.getByRole('tab', { name })
  const panel = view.getByRole('tabpanel')
  await workbench.container('Wasmate').click()

  /** The moment of the call that is shown. */
  const shows = async ({ at }: InvocationRecord): Promise<void> =>
    view
      .locator(`time[datetime="${new Date(at).toISOString()}"]`)
      .waitFor({ state: 'attached', timeout: 1_000 })
  /** Calls, and opens the newest line of the history, which is that call as soon as the view has heard of it. */
  const show = async (name: string, input: string | Uint8Array = ''): Promise<InvocationRecord> => {
    const record = await call(name, input)
    const row = page.getByRole('treeitem', { name: new RegExp(`kit · ${name}`) }).first()
    await until(async () => {
      // What is told of a line under the pointer would be in the way.
      await page.mouse.move(800, 600)
      await row.click({ timeout: 5_000 })
      await shows(record)
      return true
    }, 'the call in the view')
    return record
  }

  const steps: Record<string, () => Promise<void>> = {
    'that answered is shown with its text, its facts and its input': async () => {
      const { cid = '' } = await show('greet', 'Zoë')
      await view.getByRole('heading', { name: 'kit · greet' }).waitFor()
      assert.match((await view.locator('.outcome').textContent()) ?? '', /^Answered · /)
      assert.equal(await panel.locator('pre').textContent(), 'Hello, Zoë!')
      assert.equal(await view.locator('button.cid').textContent(), cid)
      const facts = await view.locator('.facts').innerText()
      assert.match(facts, /Function\s+kit\s+Version\s+1\s+Export\s+greet/)
      assert.match(facts, /Receipt\s+baguqeer\w+\s+Copy\s+Fuel\s+[\d,]+ instructions\s+Recording\s+faithful/)
      await tab('Input').click()
      assert.equal(await panel.locator('pre').textContent(), 'Zoë')
      await tab('Output').click()
      await picture('invocation-text')
    },
    'that left a receipt is replayed, and comes to the same': async () => {
      await show('greet', 'Ada')
      await view.getByRole('button', { name: 'Replay' }).click()
      await page.getByPlaceholder('The same as it was recorded').press('Escape')
    },
    'that failed says why and what to do next': async () => {
      await show('refuses', '<i>you</i>')
      assert.match((await view.locator('.outcome').textContent()) ?? '', /^Failed/)
      const problem = await view.locator('.problem').innerText()
      assert.match(problem, /no: <i>you<\/i>/)
      assert.match(problem, /Next step: .+[^]*CALL_FAILED/)
      assert.match((await view.locator('#said').textContent()) ?? '', /^Failed: /)
      assert.equal(await panel.innerText(), 'It gave no output.')
      await picture('invocation-failed')
      await show('traps', '5')
      await view.getByText('No lines of the source: it has no DWARF').waitFor()
    },
    'with bytes that are no text is shown in hex': async () => {
      const bytes = Uint8Array.from({ length: 300 }, (_, index) => (index * 7) % 256)
      await show('echo', bytes)
      assert.match(
        (await panel.locator('pre.hex').textContent()) ?? '',
        /^00000000 {2}00 07 0e 15 1c 23 2a 31/,
      )
      assert.equal(await view.getByRole('radio', { name: 'Hex' }).getAttribute('aria-checked'), 'true')
      assert.equal(await view.getByRole('radio', { name: 'JSON' }).count(), 0)
      await picture('invocation-hex')
    },
    'with an image is shown as one, and nothing in it runs': async () => {
      await show('echo', png)
      await panel.getByRole('img', { name: 'PNG image, 2 × 3 pixels' }).waitFor()
      await show('echo', svg)
      await panel.getByRole('img', { name: 'SVG image, 120 × 80 pixels' }).waitFor()
      assert.match((await panel.locator('img').getAttribute('src')) ?? '', /^blob:/)
      await picture('invocation-image')
    },
    'with JSON is shown as a tree that folds, by the keyboard too': async () => {
      await show('echo', json)
      const items = panel.getByRole('treeitem')
      assert.equal(await items.count(), 9)
      assert.equal(await panel.locator('img').count(), 0)
      await picture('invocation-json')
      await items.first().focus()
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowLeft']) await page.keyboard.press(key)
      await until(async () => (await panel.locator('[role=treeitem]:not([hidden])').count()) === 5)
      await page.keyboard.press('ArrowRight')
      await until(async () => (await panel.locator('[role=treeitem]:not([hidden])').count()) === 9)
    },
    'is shown again as it was chosen for that function': async () => {
      await view.getByRole('radio', { name: 'Text' }).click()
      assert.equal(await panel.locator('pre').textContent(), json)
      await show('echo', '{"other":1}')
      assert.equal(await panel.locator('pre').textContent(), '{"other":1}')
      await view.getByRole('radio', { name: 'JSON' }).click()
    },
    'has its logs by level, and those that are not wanted are left out': async () => {
      await show('logs')
      await tab('Logs').click()
      const rows = panel.locator('tbody tr')
      assert.deepEqual(await rows.allInnerTexts(), ['debug\td', 'info\ti', 'warn\tw', 'error\te'])
      await view.getByRole('button', { name: 'debug 1' }).click()
      assert.deepEqual(await rows.allInnerTexts(), ['info\ti', 'warn\tw', 'error\te'])
      await picture('invocation-logs')
    },
    'has its host calls as a timeline': async () => {
      await show('count')
      await tab('Host calls').click()
      const cells = await panel.locator('tbody tr').allInnerTexts()
      assert.equal(cells.length, 2)
      assert.match(cells[0] ?? '', /var_get\s+n/)
      assert.match(cells[1] ?? '', /var_set\s+n = 1/)
      await show('logs')
      await picture('invocation-host-calls')
    },
    'is gone through with the keyboard alone': async () => {
      await show('greet', 'Tab')
      await view.getByRole('button', { name: 'Run again' }).focus()
      await page.keyboard.press('ArrowRight')
      const focused = (): Promise<string | null> => view.locator(':focus').textContent()
      assert.equal(await focused(), 'Run with...')
      await page.keyboard.press('Tab')
      assert.match((await focused()) ?? '', /^baf/)
      for (const name of ['Copy CID', 'Copy CID of the receipt']) {
        await page.keyboard.press('Tab')
        assert.equal(await view.locator(':focus').getAttribute('aria-label'), name)
      }
      await page.keyboard.press('Tab')
      assert.match((await focused()) ?? '', /^Host calls/)
      await page.keyboard.press('Home')
      assert.equal(await focused(), 'Output')
      assert.equal(await tab('Output').getAttribute('aria-selected'), 'true')
      await page.keyboard.press('Tab')
      assert.equal(await focused(), 'Text')
      await page.keyboard.press('ArrowRight')
      assert.equal(await focused(), 'Hex')
      await panel.locator('pre.hex').waitFor()
      await page.keyboard.press('ArrowLeft')
    },
    'is made once more by Run again, which adds it to the history': async () => {
      const before = await count()
      await view.getByRole('button', { name: 'Run again' }).focus()
      await page.keyboard.press('Enter')
      await until(async () => (await count()) === before + 1, 'the record')
      const [newest] = await client.stream('history', { limit: 1 }, {})
      assert.ok(newest)
      await until(() => shows(newest).then(() => true))
      const again = view.getByRole('button', { name: 'Run again' })
      assert.ok(await again.evaluate((button) => button === button.ownerDocument.activeElement))
      assert.equal(await page.locator('.tabs-container .tab', { hasText: 'kit' }).count(), 1)
    },
    'is still there after a reload of the window, as it was shown': async () => {
      await show('logs')
      await tab('Logs').click()
      // As a person does it: the browser's own reload does not wait for what is to be kept.
      await workbench.command('Developer: Reload Window')
      await page.waitForLoadState('domcontentloaded')
      await until(
        async () => (await tab('Logs').getAttribute('aria-selected', { timeout: 1_000 })) === 'true',
      )
      assert.equal(await panel.locator('tbody tr').count(), 3)
      await view.getByRole('heading', { name: 'kit · logs' }).waitFor()
    },
    'can be read in every kind of theme': async () => {
      for (const theme of ['Dark Modern', 'Dark High Contrast', 'Light High Contrast']) {
        await workbench.command('Preferences: Color Theme')
        await workbench.input.fill(theme)
        await page.keyboard.press('Enter')
        const name = theme.toLowerCase().replaceAll(' ', '-')
        for (const [shown, input] of [
          ['echo', json],
          ['refuses', 'once more'],
          ['logs', ''],
          ['count', ''],
        ] as const) {
          await show(shown, input)
          if (shown === 'logs') await tab('Logs').click()
          else if (shown === 'count') await tab('Host calls').click()
          else await tab('Output').click()
          await picture(`invocation-${name}-${shown}`)
        }
      }
    },
    // The last: the debugger brings views of its own.
    'is debugged with the same input': async () => {
      await show('greet', 'Grace')
      const before = await count()
      await view.getByRole('button', { name: 'Debug' }).click()
      await page.locator('.repl').getByText('Hello, Grace!').waitFor()
      assert.equal(await count(), before)
    },
  }
  for (const [title, step] of Object.entries(steps)) {
    await t.test(title, async () => {
      try {
        await step()
      } catch (error) {
        await picture(`failed-${title.slice(0, 20)}`)
        throw error
      }
    })
  }
})
