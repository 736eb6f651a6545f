// The extension as VS Code finds it: awake in a folder that it was used in, with all that it declares.

import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { commands, extensions } from 'vscode'
import { commands as ids } from '../../src/vscode/ids.ts'
import { until } from '../helpers/until.ts'

const extension = extensions.getExtension('wasmate.wasmate')

describe('the extension', () => {
  it('wakes up by itself in a folder that it was used in', async () => {
    await until(async () => extension?.isActive === true, 'its activation')
  })

  it('has every command that its manifest declares', async () => {
    const known = await commands.getCommands(true)
    const missing = Object.values(ids).filter((id) => !known.includes(id))
    assert.deepEqual(missing, [])
  })
})
