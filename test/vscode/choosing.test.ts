// The commands as a person gives them, from a window with no folder on: what is picked, typed and confirmed.

import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { wasmate } from '../helpers/wasmate.ts'
import { type Choosing, deeds } from './choosing.ts'
import { deedsElsewhere, openElsewhere } from './elsewhere.ts'
import { launchChromium } from './host/chromium.ts'
import { startServer } from './host/server.ts'
import { emulatorSettings } from './host/settings.ts'
import { Workbench } from './host/workbench.ts'

/** The product as it is built. */
const extension = join(import.meta.dirname, '../..')

test('a person gives the commands at the workbench', async (t) => {
  const folder = await temporaryFolder(t)
  undoAfter(t, () => wasmate(['down'], { cwd: folder }))
  const settings = {
    ...{ ...(await emulatorSettings()), 'wasmate.devnet.accounts': 2 },
    // Where the dialog for a folder begins: one that is typed is not always the one that is taken.
    'files.dialog.defaultPath': folder,
  }
  // As installed: with an extension under development no modal question is shown.
  const extensionsFolder = await temporaryFolder(t)
  await symlink(extension, join(extensionsFolder, 'wasmate.wasmate-0.1.0'))
  const server = await startServer({ settings, extensionsFolder, asksQuestions: true })
  undoAfter(t, () => server.stop())
  const browser = await launchChromium()
  undoAfter(t, () => browser.close())
  const workbench = await Workbench.open({ server, browser })
  undoAfter(t, () => workbench.close())
  const pictures = process.env['WASMATE_TEST_PICTURES'] ?? (await temporaryFolder(t))
  const picture: Choosing['picture'] = (name, part) => workbench.picture(join(pictures, `${name}.png`), part)
  const run = async <T>(deed: (given: T) => Promise<void>, given: T): Promise<void> => {
    const title = deed.name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    await t.test(title, async () => {
      try {
        await deed(given)
      } catch (error) {
        await picture(`${deed.name}-failed`)
        throw error
      }
    })
  }
  const given = { workbench, folder, picture, server }
  for (const deed of deeds) await run(deed, given)
  const elsewhere = await openElsewhere(t, given)
  for (const deed of deedsElsewhere) await run(deed, elsewhere)
})
