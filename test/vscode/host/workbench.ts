// A person at the workbench: the palette, lists, what is shown.

import type { Browser, FrameLocator, Locator, Page } from 'playwright-core'
import type { Server } from './server.ts'

export interface WorkbenchOptions {
  server: Server
  browser: Browser
  /** None: an empty window. */
  workspace?: string
  /** Folder of an extension under development. */
  extension?: string
}

/** Longer than anything takes on a busy machine. */
const patienceMs = 60_000

export class Workbench {
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
  }

  static async open({ server, browser, workspace, extension }: WorkbenchOptions): Promise<Workbench> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 760 } })
    page.setDefaultTimeout(patienceMs)
    // What names functions where TypeScript is run as it is; a page that is given one lacks it.
    await page.addInitScript('globalThis.__name = (it) => it')
    await page.goto(
      server.workbench(workspace, extension ? [['extensionDevelopmentPath', server.remote(extension)]] : []),
    )
    await page.locator('.monaco-workbench .statusbar-item').first().waitFor()
    return new Workbench(page)
  }

  /** Runs a command by its title in the palette, which a window fills with the commands of extensions as it opens. */
  async command(title: string): Promise<void> {
    const deadline = performance.now() + patienceMs
    while (performance.now() < deadline) {
      await this.page.keyboard.press('F1')
      await this.input.fill(`>${title}`)
      const row = this.row(title)
      const isThere = await row.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      )
      if (isThere) return row.click()
      await this.page.keyboard.press('Escape')
    }
    throw new Error(`the palette has no "${title}"`)
  }

  /**
   * Clicks until it has brought about what is waited for: what is drawn anew under the pointer in that moment takes no
   * click. What it brings about has to be as good twice.
   */
  async click(what: Locator, brings: () => Promise<unknown>, withinMs = 3 * patienceMs): Promise<void> {
    const deadline = performance.now() + withinMs
    for (;;) {
      // When it can't be clicked any more, it may have been; what comes of it says so.
      await what.click({ timeout: 5_000 }).catch(() => undefined)
      try {
        return void (await brings())
      } catch (error) {
        if (performance.now() > deadline) throw error
      }
    }
  }

  /** Once the open editor takes what is typed. */
  async type(text: string): Promise<void> {
    await this.page.locator('.monaco-editor.focused').first().waitFor()
    await this.page.keyboard.type(text)
  }

  /** Where the palette, a quick pick or an input box is typed into. */
  get input(): Locator {
    return this.page.locator('.quick-input-widget input.input:visible').first()
  }

  /** A row of the list that is open. */
  row(text: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first()
  }

  /** The title of an open editor. */
  tab(title: string): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: title }).first()
  }

  /** The icon of a sidebar. */
  container(title: string): Locator {
    return this.page.locator(`.activitybar .action-item a[aria-label^="${title}"]`)
  }

  /** An action above a line of the open editor. */
  lens(title: string): Locator {
    return this.page.locator('.codelens-decoration a', { hasText: new RegExp(`^${title}$`) }).first()
  }

  /** The first row of a view of the sidebar that has these words. */
  treeRow(view: string, words: string): Locator {
    const pane = this.page.locator('.pane', { has: this.page.locator(`.pane-header[aria-label^="${view}"]`) })
    return pane.locator('.monaco-list-row', { hasText: words }).first()
  }

  /** What is inside of the webview that is seen. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame')
  }

  /** What an input box says of what is typed. */
  message(text: string): Locator {
    return this.page.locator('.quick-input-message', { hasText: text })
  }

  /** Words wherever they are seen; an editor writes its spaces as no-break spaces. */
  text(words: string): Locator {
    return this.page
      .getByText(new RegExp(words.replace(/[.?]/g, '\\$&').replaceAll(' ', '[ \u00a0]')))
      .first()
  }

  /** A PNG of all that is seen, or of a part of it; of what failed, too. */
  async picture(path: string, part?: Locator): Promise<void> {
    // What the pointer is over would show its tooltip.
    await this.page.mouse.move(790, 600)
    await (part ?? this.page).screenshot({ path })
  }

  /** As a person closes a window: the workbench takes leave of its extension host, instead of being missed. */
  async leave(): Promise<void> {
    await this.page.goto('about:blank')
    await this.page.close()
  }

  async close(): Promise<void> {
    await this.page.close()
  }
}
