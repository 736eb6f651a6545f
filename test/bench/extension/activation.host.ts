// In the extension host: the time of the activation, the reading of the bundle with it.

import { it } from 'mocha'
import { extensions } from 'vscode'
import { tell } from './told.ts'

it('activates', async () => {
  const extension = extensions.getExtension('wasmate.wasmate')
  if (!extension || extension.isActive) throw new Error('it is not there, or was activated before')
  const from = performance.now()
  await extension.activate()
  await tell('activation', performance.now() - from)
})
