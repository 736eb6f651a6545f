// A window without a folder: what each command of the palette says there.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'mocha'
import { commands, extensions } from 'vscode'
import { contextKeys, commands as ids } from '../../../src/vscode/ids.ts'
import { giveUp, paletteCommands, unclear } from './given-up.ts'

/** Of these something is seen: a document, a panel, the views. */
const shown = ['doctor', 'showLogs', 'copyDiagnostics', 'refresh', 'clearFilter'].map(
  (name) => `wasmate.${name}`,
)

/** These go on without a folder, and ask what they need. */
const asking = [
  ...['openCid', 'newFunction', 'chooseNetwork', 'importAccount', 'forgetAccount', 'forgetPinningToken'],
  ...['filterRegistry', 'clearInvocations'],
].map((name) => `wasmate.${name}`)

/** What a command says of the key by which the view of the registry goes. */
async function keysSetBy(id: string, given: object): Promise<unknown[]> {
  const set: unknown[] = []
  const own = commands as { executeCommand: typeof commands.executeCommand }
  const { executeCommand } = own
  own.executeCommand = (command, ...rest: unknown[]) => {
    if (command === 'setContext' && rest[0] === contextKeys.hasAccount) set.push(rest[1])
    return executeCommand(command, ...rest)
  }
  try {
    await executeCommand(id, given)
  } finally {
    own.executeCommand = executeCommand
  }
  return set
}

describe('a window without a folder', () => {
  for (const id of paletteCommands()) {
    it(`is told by ${id} what to do`, async () => {
      await extensions.getExtension('wasmate.wasmate')?.activate()
      const { asked, told } = await giveUp(id)
      for (const { words } of told) assert.doesNotMatch(words, unclear)
      if (shown.includes(id)) return assert.deepEqual({ asked, told }, { asked: [], told: [] })
      if (asking.includes(id))
        return assert.ok(asked.length === 1 && told.length === 0, JSON.stringify({ asked, told }))
      const [only, ...others] = told
      assert.deepEqual([asked, others], [[], []])
      assert.match(only?.words ?? '', /^No folder of this machine is open in this window\. Open one/)
      assert.deepEqual(only?.buttons, ['Open Folder'])
    })
  }

  it('is told whether an account signs on the network that is chosen, which an empty registry says', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'wasmate-accounts-'))
    const file = join(outside, 'accounts.json')
    const account = { address: '0x1234', private_key: '0x5678', deployed: true }
    await writeFile(file, JSON.stringify({ 'alpha-sepolia': { me: account } }))
    const network = 'sepolia'
    assert.deepEqual(await keysSetBy(ids.chooseNetwork, { network }), [false])
    assert.deepEqual(await keysSetBy(ids.importAccount, { network, file }), [true])
    const { address } = account
    assert.deepEqual(await keysSetBy(ids.forgetAccount, { network, address }), [false])
    await commands.executeCommand(ids.chooseNetwork, { network: 'emulator' })
    await rm(outside, { recursive: true })
  })

  it('has the commands that buttons of failures run', async () => {
    const known = await commands.getCommands()
    const named = [
      'workbench.action.files.openFolder',
      'workbench.action.openSettings',
      'workbench.trust.manage',
    ]
    assert.deepEqual(
      [...named, 'workbench.actions.view.problems'].filter((id) => !known.includes(id)),
      [],
    )
    await commands.executeCommand('workbench.action.closeAllEditors')
  })
})
