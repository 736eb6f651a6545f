// A function taken to a network elsewhere at the workbench: an account is typed in, the plan is read, refused, given up
// before and after it was sent, and agreed to.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { attach } from '../../src/client/control.ts'
import { Lockfile } from '../../src/lockfile.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { workspaceAt } from '../../src/workspace.ts'
import { type ChainAccount, startChain } from '../helpers/chain.ts'
import { newRegistry } from '../helpers/contract.ts'
import { type RpcRelay, holdAt, startRpcRelay } from '../helpers/rpc-relay.ts'
import { assertNowhere } from '../helpers/secrets.ts'
import { undoAfter } from '../helpers/undo.ts'
import { type Choosing, accept, answer, name } from './choosing.ts'
import type { Server } from './host/server.ts'
import type { Workbench } from './host/workbench.ts'

export interface Elsewhere extends Choosing {
  server: Server
  relay: RpcRelay
  registry: Registry
  account: ChainAccount
}

/** A chain behind a relay, described in the settings of the workspace. */
export async function openElsewhere(
  t: TestContext,
  choosing: Choosing & { server: Server },
): Promise<Elsewhere> {
  const chain = await startChain()
  undoAfter(t, () => chain.stop())
  const registry = newRegistry(chain, 1)
  const { address } = await registry.ensureDeployed({})
  const relay = await startRpcRelay(t, chain)
  const { state } = await attach(workspaceAt(choosing.folder))
  const far = {
    rpcUrl: relay.rpcUrl,
    chainId: 'SN_SEPOLIA',
    registry: address,
    gateways: [state.urls.gateway],
  }
  const path = join(choosing.folder, '.vscode/settings.json')
  const settings = JSON.parse(await readFile(path, 'utf8')) as object
  await writeFile(path, JSON.stringify({ ...settings, 'wasmate.networks.profiles': { far } }))
  const [account] = chain.accounts
  assert.ok(account)
  return { ...choosing, relay, registry, account }
}

const sending = 'starknet_addInvokeTransaction'

async function begin({ workbench }: Elsewhere): Promise<void> {
  await workbench.command('Notifications: Clear All Notifications')
  await workbench.command('Wasmate: Deploy Function to Network...')
  await workbench.row('far').click()
}

function question(workbench: Workbench) {
  return workbench.page.locator('.monaco-dialog-box')
}

async function agree(elsewhere: Elsewhere, button = 'Send'): Promise<void> {
  await question(elsewhere.workbench).getByRole('button', { name: button, exact: true }).click()
}

/** Of the notification that shows how far it is. */
async function cancelProgress({ workbench }: Elsewhere): Promise<void> {
  const progress = workbench.page.locator('.notification-toast', { hasText: `Deploying ${name} to far` })
  await progress.getByRole('button', { name: 'Cancel' }).click()
}

/** The network has no account yet: the first deployment asks for one. A key that is none is refused unseen. */
export async function typesAKeyThatIsKeptUnseen(elsewhere: Elsewhere): Promise<void> {
  const { workbench, account } = elsewhere
  const type = async (key: string): Promise<void> => {
    await workbench.row('Private Key').click()
    await workbench.page.getByPlaceholder('0x…').waitFor()
    await accept(elsewhere, account.address)
    await workbench.page.locator('.quick-input-widget input[type=password]').waitFor()
    await accept(elsewhere, key)
  }
  await begin(elsewhere)
  await type('0xnothing like a key')
  await workbench.text('Not a private key').waitFor()
  assert.equal(await workbench.text('nothing like a key').count(), 0)
  await begin(elsewhere)
  await type(account.privateKey)
  await question(workbench).waitFor()
}

/** The question stands since the key was typed. */
export async function readsThePlanAndSendsNothing(elsewhere: Elsewhere): Promise<void> {
  const { workbench, picture, relay, account, folder } = elsewhere
  const shown = await question(workbench).innerText()
  const { state } = await attach(workspaceAt(folder))
  for (const words of [
    `Publish ${name} on far?`,
    `${name} means now: nobody has it`,
    /It is to mean: baf\w+, \d+ bytes/,
    `Pinned at the node at ${state.urls.kubo}, and fetched back from ${state.urls.gateway} before it is sent`,
    /Fee: 0\.\d+ STRK, at most 0\.\d+ STRK/,
    /Balance: [\d.,]+ STRK, [\d.,]+ STRK after it/,
    `Account: ${account.address}`,
  ]) {
    assert.ok(typeof words === 'string' ? shown.includes(words) : words.test(shown), `${words} in ${shown}`)
  }
  await picture('deploy-plan', question(workbench))
  await answer(elsewhere, 'Cancel')
  await question(workbench).waitFor({ state: 'detached' })
  assert.ok(!relay.asked.includes(sending))
}

/** Agrees, and cancels where a request of this method stays without an answer. */
async function cancelAt(elsewhere: Elsewhere, method: string): Promise<ReturnType<typeof holdAt>> {
  await begin(elsewhere)
  await question(elsewhere.workbench).waitFor()
  const held = holdAt(elsewhere.relay, method)
  await agree(elsewhere)
  await held.reached
  await cancelProgress(elsewhere)
  return held
}

export async function givesItUpBeforeItIsSent(elsewhere: Elsewhere): Promise<void> {
  const { workbench, relay } = elsewhere
  // What is asked between the answer and the send.
  const held = await cancelAt(elsewhere, 'starknet_getNonce')
  await workbench.page.locator('.notification-toast').first().waitFor({ state: 'detached' })
  held.release()
  assert.ok(!relay.asked.includes(sending))
}

export async function givesItUpAfterItWasSentAndGoesOn(elsewhere: Elsewhere): Promise<void> {
  const { workbench, relay, registry, folder } = elsewhere
  const held = await cancelAt(elsewhere, 'starknet_getTransactionReceipt')
  await workbench.page
    .getByText(/waiting was cancelled; it is pinned at .*; transaction 0x\w+ was sent/)
    .first()
    .waitFor()
  held.release()
  await begin(elsewhere)
  // It has landed meanwhile.
  await workbench.text(`${name} v1 on far has these bytes already`).waitFor()
  assert.equal((await registry.resolve(name)).versionCount, 1)
  assert.equal(relay.asked.filter((method) => method === sending).length, 1)
  const locked = await new Lockfile(folder).find(name, 'far')
  assert.equal(locked?.cid, (await registry.resolve(name)).current.cid)
}

export async function agreesUpToAFee(elsewhere: Elsewhere): Promise<void> {
  const { workbench, folder } = elsewhere
  const entry = join(folder, name, 'index.ts')
  const change = async (word: string): Promise<void> => {
    const source = await readFile(entry, 'utf8')
    await writeFile(entry, source.replace(/`[^,`]+, /, `\`${word}, `))
  }
  await change('Once')
  await begin(elsewhere)
  await question(workbench).waitFor()
  await agree(elsewhere, 'Send, and Ask No More up to This Fee')
  await workbench.text(`${name} v2 is deployed to far and verified`).waitFor()
  await change('Four')
  await begin(elsewhere)
  await workbench.text(`${name} v3 is deployed to far and verified`).waitFor()
}

/** Beside the secret storage of the editor, which encrypts it or forgets it with the window. */
export async function leavesItsKeyNowhere(elsewhere: Elsewhere): Promise<void> {
  const { workbench, account, folder, server } = elsewhere
  const { state } = await attach(workspaceAt(folder))
  await assertNowhere([account.privateKey], {
    texts: [server.output(), await readBrowserStorage(workbench)],
    folders: [folder, server.folder],
    processes: [server.pid, state.pid],
  })
}

/** Where the workbench in a browser keeps what a desktop keeps in state.vscdb; values of its secrets are encrypted. */
async function readBrowserStorage({ page }: Workbench): Promise<string> {
  const stored = await page.evaluate(async () => {
    const wait = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error ?? new Error('it can not be read'))
      })
    const found: unknown[] = [Object.entries(localStorage), Object.entries(sessionStorage)]
    for (const { name: database = '' } of await indexedDB.databases()) {
      const open = await wait(indexedDB.open(database))
      for (const store of open.objectStoreNames) {
        const objects = open.transaction(store).objectStore(store)
        found.push([database, store, await wait(objects.getAllKeys()), await wait(objects.getAll())])
      }
      open.close()
    }
    return JSON.stringify(found)
  })
  assert.match(stored, /wasmate\.accounts/, 'where the addresses are kept')
  return stored
}

export const deedsElsewhere = [
  typesAKeyThatIsKeptUnseen,
  readsThePlanAndSendsNothing,
  givesItUpBeforeItIsSent,
  givesItUpAfterItWasSentAndGoesOn,
  agreesUpToAFee,
  leavesItsKeyNowhere,
]
