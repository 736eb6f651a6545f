// The extension as VS Code finds it: asleep until it is used, and what it declares.

import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { commands, extensions } from 'vscode'
import { ask } from './editor.ts'
import { commands as ids } from '../../src/vscode/ids.ts'

const extension = extensions.getExtension('wasmate.wasmate')

describe('the extension', () => {
  it('sleeps until something of it is used', async () => {
    assert.equal(extension?.isActive, false)
    const before = performance.now()
    await extension?.activate()
    await ask('measured', { what: 'activation', ms: performance.now() - before })
    assert.equal(extension?.isActive, true)
  })

  it('has every command that its manifest declares', async () => {
    const known = await commands.getCommands(true)
    const missing = Object.values(ids).filter((id) => !known.includes(id))
    assert.deepEqual(missing, [])
  })
})
