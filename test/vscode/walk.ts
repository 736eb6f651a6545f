// What a person does with pinned content at the workbench, step by step, with a picture of each.

import assert from 'node:assert/strict'
import { until } from '../helpers/until.ts'
import type { Workbench } from './host/workbench.ts'

export interface Walk {
  workbench: Workbench
  /** CID of a folder with `notes/today.md` in it. */
  cid: string
  /** Takes a picture of what is seen now. */
  picture(name: string): Promise<unknown>
  /** What VS Code has written of the workspaces of its windows. */
  savedWorkspaces(): Promise<string[]>
}

export async function walkThroughFolder(walk: Walk): Promise<void> {
  for (const step of [openFolderByCid, openFileOfIt, typeIntoIt, addItToTheExplorer]) await step(walk)
}

async function openFolderByCid({ workbench, cid, picture }: Walk): Promise<void> {
  await workbench.command('Wasmate: Open CID...')
  await workbench.input.fill('not a CID')
  await workbench.message('Not a CID').waitFor()
  await picture('open-cid-refused')
  await workbench.input.fill(cid)
  await workbench.page.keyboard.press('Enter')
  await workbench.row('notes').waitFor()
  await picture('open-cid-folder')
}

async function openFileOfIt({ workbench, picture }: Walk): Promise<void> {
  await workbench.row('notes').click()
  await workbench.row('today.md').click()
  await workbench.tab('today.md').waitFor()
  await workbench.text('Pinned, and so it stays.').waitFor()
  await picture('open-cid-file')
}

async function typeIntoIt({ workbench, picture }: Walk): Promise<void> {
  await workbench.text('Pinned, and so it stays.').click()
  await workbench.page.keyboard.type('x')
  await workbench.text('Pinned content is read-only').waitFor()
  await picture('open-cid-read-only')
  assert.equal(await workbench.text('xPinned').count(), 0)
}

/** The window loads anew then, and what this server shows of a workspace file is not VS Code's: the file itself is. */
async function addItToTheExplorer({ workbench, cid, savedWorkspaces }: Walk): Promise<void> {
  await workbench.command('Wasmate: Open CID...')
  await workbench.input.fill(`ipfs://${cid}`)
  await workbench.page.keyboard.press('Enter')
  await workbench.row('Add this folder to the Explorer').click()
  await until(
    async () => (await savedWorkspaces()).some((saved) => saved.includes(`"ipfs:/${cid}"`)),
    'the folder in the workspace',
  )
}

export async function isRefusedWithoutTrust(workbench: Workbench, cid: string): Promise<void> {
  await workbench.text('Restricted Mode').waitFor()
  await workbench.command('Wasmate: Open CID...')
  await workbench.input.fill(cid)
  await workbench.page.keyboard.press('Enter')
  await workbench.text('This folder is not trusted').waitFor()
}
