// What a person picks, types and confirms at the workbench, for the commands on functions and names.

import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { type ControlClient, attach } from '../../src/client/control.ts'
import type { VersionRecord } from '../../src/model.ts'
import { workspaceAt } from '../../src/workspace.ts'
import { until } from '../helpers/until.ts'
import type { Workbench } from './host/workbench.ts'

export interface Choosing {
  workbench: Workbench
  /** Folder that the function is made in; not yet open. */
  folder: string
  /** Takes a picture of what is seen now, or of a part of it. */
  picture(name: string, part?: Locator): Promise<unknown>
}

export const name = 'greet'

const clientOf = ({ folder }: Choosing): Promise<ControlClient> => attach(workspaceAt(folder))

async function historyOf(choosing: Choosing): Promise<VersionRecord[]> {
  return (await clientOf(choosing)).stream('log', { name }, {})
}

export async function accept({ workbench }: Choosing, text: string): Promise<void> {
  await workbench.input.fill(text)
  await workbench.page.keyboard.press('Enter')
}

/** A line of a long list: what is not in sight is not there. */
async function pick({ workbench }: Choosing, text: string): Promise<void> {
  await workbench.input.fill(text)
  await workbench.row(text).click()
}

/** Answers a modal question. */
export async function answer({ workbench }: Choosing, button: string): Promise<void> {
  await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: button }).click()
}

/** In a window with no folder: it is asked for, and opened when the function is there. */
export async function makesAFunctionInAnEmptyWindow(choosing: Choosing): Promise<void> {
  const { workbench, folder, picture } = choosing
  // What the folder holds says that it is this one that is listed.
  await mkdir(join(folder, 'notes'))
  await workbench.command('Wasmate: New Function...')
  await workbench.row('notes').waitFor()
  await workbench.click(workbench.page.getByRole('button', { name: 'Choose', exact: true }), () =>
    workbench.row('AssemblyScript').waitFor({ timeout: 5_000 }),
  )
  await picture('new-language')
  await workbench.row('AssemblyScript').click()
  await workbench.input.fill('no good')
  await workbench.message('Not a function name').waitFor()
  await picture('new-name')
  await accept(choosing, name)
  await workbench.tab('index.ts').waitFor()
  assert.match(await readFile(join(folder, name, 'index.ts'), 'utf8'), /Hello/)
  // What is selected is the word that a first change changes.
  await workbench.text('Hello').waitFor()
  await workbench.type('Welcome')
  await workbench.page.keyboard.press('Control+s')
  const entry = join(folder, name, 'index.ts')
  await until(async () => (await readFile(entry, 'utf8')).includes('`Welcome, '), 'the change')
}

/** Two versions, so that there is something to choose, and a pinning service that the settings describe. */
export async function publishesTwice(choosing: Choosing): Promise<void> {
  const { workbench, folder } = choosing
  await workbench.command('Wasmate: Start Emulator')
  await until(async () => (await (await clientOf(choosing)).status()).chain.state === 'ready', 'the chain')
  const client = await clientOf(choosing)
  const services = { nearby: { url: client.state.urls.pinning } }
  await mkdir(join(folder, '.vscode'), { recursive: true })
  await writeFile(
    join(folder, '.vscode/settings.json'),
    JSON.stringify({ 'wasmate.pinning.services': services }),
  )
  const entry = join(folder, name, 'index.ts')
  const deploy = (): Promise<unknown> => client.stream('deploy', { path: join(folder, name), wait: true }, {})
  await deploy()
  await writeFile(entry, (await readFile(entry, 'utf8')).replace('Welcome, ', 'Good day, '))
  await deploy()
}

export async function rollsBack(choosing: Choosing): Promise<void> {
  const { workbench, picture } = choosing
  await workbench.command('Wasmate: Roll Back Function...')
  await workbench.row(name).click()
  await workbench.row('v1').waitFor()
  await picture('roll-back')
  await workbench.row('v1').click()
  await until(async () => (await historyOf(choosing)).some((each) => each.isCurrent && each.version === 1))
}

export async function verifies(choosing: Choosing): Promise<void> {
  const { workbench, picture } = choosing
  await workbench.command('Wasmate: Verify Function...')
  await workbench.row(name).click()
  await workbench.row('Same bytes: ok').waitFor({ timeout: 60_000 })
  await picture('verified')
  await pick(choosing, 'Attest')
  await until(
    async () => (await historyOf(choosing)).some((each) => each.attestedBy.length === 1),
    'the attestation',
  )
  await workbench.page.getByPlaceholder(/attested in block/).waitFor()
  await pick(choosing, 'Open as Document')
  await workbench.tab(`${name} v1.md`).waitFor()
}

export async function yanks(choosing: Choosing): Promise<void> {
  const { workbench, picture } = choosing
  await workbench.command('Wasmate: Yank Version...')
  await workbench.row(name).click()
  await workbench.row('v2').click()
  await workbench.text('This can not be undone').waitFor()
  await picture('yank')
  await answer(choosing, 'Yank')
  await until(async () => (await historyOf(choosing)).some((each) => each.yanked && each.version === 2))
}

/** The emulator's own service under another name: one that wants a token of the person. */
export async function pinsWithATokenAskedForOnce(choosing: Choosing): Promise<void> {
  const { workbench, folder, picture } = choosing
  const { state } = await clientOf(choosing)
  const begin = async (): Promise<void> => {
    await workbench.command('Wasmate: Pin Remotely...')
    await workbench.row(name).click()
    await workbench.row('nearby').click()
  }
  await begin()
  await workbench.text('It goes to 127.0.0.1').waitFor()
  await picture('pinning-token')
  await accept(choosing, state.token)
  await workbench.text('nearby says: pinned').waitFor()
  await workbench.command('Notifications: Clear All Notifications')
  await begin()
  await workbench.text('nearby says: pinned').waitFor()
  await workbench.command('Notifications: Clear All Notifications')
  await workbench.command('Wasmate: Forget Pinning Token...')
  await workbench.row('nearby').click()
  await begin()
  await workbench.text('It goes to 127.0.0.1').waitFor()
  await workbench.page.keyboard.press('Escape')
  assert.ok(!(await readFile(join(folder, '.vscode/settings.json'), 'utf8')).includes(state.token))
}

/** One account offers the name; the other one is chosen and accepts it. */
export async function handsTheNameOver(choosing: Choosing): Promise<void> {
  const { workbench, picture } = choosing
  const [own, other] = await (await clientOf(choosing)).stream('accounts', {}, {})
  assert.ok(own?.signs && other)
  await workbench.command('Wasmate: Transfer Function...')
  await workbench.row(name).click()
  await workbench.input.fill('0xnobody')
  await workbench.message('An address is 0x').waitFor()
  await accept(choosing, other.address)
  await workbench.text('Offer greet to another account').waitFor()
  await picture('transfer')
  await answer(choosing, 'Offer')
  await workbench.command('Wasmate: Choose Account...')
  await workbench.row(other.address).click()
  const signer = async (): Promise<string | undefined> => {
    const accounts = await (await clientOf(choosing)).stream('accounts', {}, {})
    return accounts.find(({ signs }) => signs)?.address
  }
  await until(async () => (await signer()) === other.address, 'the other account')
  await workbench.command('Wasmate: Accept Function...')
  await workbench.row(name).click()
  await until(async () => {
    const [listed] = await (await clientOf(choosing)).list({ offset: 0, limit: 1 })
    return BigInt(listed?.owner ?? 0) === BigInt(other.address)
  }, 'the new owner')
}

export const deeds = [
  makesAFunctionInAnEmptyWindow,
  publishesTwice,
  rollsBack,
  verifies,
  yanks,
  pinsWithATokenAskedForOnce,
  handsTheNameOver,
]
