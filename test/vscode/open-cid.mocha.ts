// The command that opens a CID, called as another part of the editor would call it.

import assert from 'node:assert/strict'
import { afterEach, before, describe, it } from 'mocha'
import { TabInputText, type Uri, commands, window } from 'vscode'
import { addFile, addFolder } from './editor.ts'
import { until } from '../helpers/until.ts'

const openCid = (address: string): Thenable<unknown> => commands.executeCommand('wasmate.openCid', address)

/** What the tab shows that is on top. */
function shown(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input
  return input instanceof TabInputText ? input.uri : undefined
}

describe('Open CID', () => {
  let root = ''

  before(async () => {
    const files = { 'sub/read me.txt': Buffer.from('found'), 'of/100%.txt': Buffer.from('percent') }
    root = (await addFolder(files))[''] ?? ''
  })

  afterEach(() => commands.executeCommand('workbench.action.closeAllEditors'))

  it('opens a file by its CID, in the base and the version it was given in', async () => {
    for (const cidVersion of [0, 1] as const) {
      const cid = await addFile(Buffer.from(`version ${cidVersion}`), cidVersion)
      await openCid(` ${cid} `)
      assert.equal(shown()?.path, `/${cid}`)
      assert.equal(window.activeTextEditor?.document.getText(), `version ${cidVersion}`)
    }
  })

  it('takes every way to write the address of a file', async () => {
    const ways = [
      `${root}/sub/read me.txt`,
      `/ipfs/${root}/sub/read me.txt`,
      `ipfs://${root}/sub/read%20me.txt`,
      `ipfs:/${root}/sub/read%20me.txt`,
      `https://ipfs.io/ipfs/${root}/sub/read%20me.txt?filename=x.txt#top`,
      `https://${root}.ipfs.dweb.link/sub/read%20me.txt`,
    ]
    for (const way of ways) {
      await openCid(way)
      assert.equal(window.activeTextEditor?.document.getText(), 'found', way)
      await commands.executeCommand('workbench.action.closeAllEditors')
    }
    await openCid(`/ipfs/${root}/of/100%.txt`)
    assert.equal(window.activeTextEditor?.document.getText(), 'percent')
  })

  it('opens what a line of a view names, and asks for nothing', async () => {
    const cid = await addFile(Buffer.from('of a line'))
    await commands.executeCommand('wasmate.openCid', { name: 'hello', cid })
    assert.equal(window.activeTextEditor?.document.getText(), 'of a line')
  })

  it('opens WebAssembly without an error', async () => {
    const cid = await addFile(Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
    await openCid(cid)
    await until(async () => shown()?.path === `/${cid}`, 'the tab')
  })

  it('opens nothing for what is no address, and for what is not there', async () => {
    for (const address of ['nonsense', `${root}/missing`, `${root}/../x`, `ipfs://${root}/%ff`]) {
      await openCid(address)
      assert.equal(shown(), undefined, address)
    }
  })
})
