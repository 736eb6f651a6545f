// The first minutes of a person with Wasmate, from an empty folder on, with the pictures that the README shows.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../helpers/until.ts'
import { chainIs, readEmulatorFile } from '../helpers/wasmate.ts'
import { debugIt } from './newcomer-debugs.ts'
import type { Workbench } from './host/workbench.ts'

export interface Newcomer {
  workbench: Workbench
  /** The folder that is open. */
  workspace: string
  /** Takes a picture of what is seen now. */
  picture(name: string): Promise<unknown>
}

export async function walkAsNewcomer(newcomer: Newcomer): Promise<void> {
  const steps = [lookAround, makeFunction, runIt, seeItRegistered, changeIt, lookIntoTheCall, debugIt]
  for (const step of steps) await step(newcomer)
}

/** Each view says what to do first. */
async function lookAround({ workbench, picture }: Newcomer): Promise<void> {
  await workbench.container('Wasmate').click()
  await workbench.text('This folder has no function yet.').waitFor()
  await picture('empty-folder')
}

async function makeFunction({ workbench }: Newcomer): Promise<void> {
  const button = workbench.page.getByRole('button', { name: 'New Function' }).first()
  await workbench.click(button, () => workbench.row('AssemblyScript').waitFor({ timeout: 5_000 }))
  await workbench.row('AssemblyScript').click()
  await workbench.input.fill('hello')
  await workbench.page.keyboard.press('Enter')
  await workbench.tab('index.ts').waitFor()
  await workbench.lens('Run').waitFor()
}

/** Nothing was started before: the first run does that too. */
async function runIt({ workbench, picture }: Newcomer): Promise<void> {
  await workbench.click(workbench.lens('Run'), () => workbench.text('→ Hello').waitFor({ timeout: 20_000 }))
  await picture('first-answer')
}

async function seeItRegistered({ workbench, workspace }: Newcomer): Promise<void> {
  const state = await readEmulatorFile(workspace)
  assert.ok(state)
  await chainIs(state, 'ready')
  const isLocked = async (): Promise<boolean> =>
    (await readFile(join(workspace, 'wasmate.lock'), 'utf8')).includes('"hello"')
  await workbench.click(workbench.lens('Deploy'), () => until(isLocked, 'wasmate.lock', 10_000))
}

/** The word to change is selected since the file was opened. */
async function changeIt({ workbench }: Newcomer): Promise<void> {
  await workbench.type('Good morning')
  await workbench.page.keyboard.press('Control+s')
  await workbench.click(workbench.lens('Run'), () =>
    workbench.text('→ Good morning').waitFor({ timeout: 10_000 }),
  )
}

async function lookIntoTheCall({ workbench, picture }: Newcomer): Promise<void> {
  // The first row is that of the call as soon as the view has heard of it.
  await workbench.click(workbench.treeRow('Invocations', 'hello'), () =>
    workbench.webview().getByText('Good morning').first().waitFor({ timeout: 5_000 }),
  )
  await picture('invocation')
}
