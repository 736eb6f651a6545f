// In the extension host: what the memory of the window grows by when its list shows every invocation there is.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setTimeout as pause } from 'node:timers/promises'
import { it } from 'mocha'
import { commands, extensions } from 'vscode'
import type { Api } from '../../../src/extension.ts'
import { views as ids } from '../../../src/vscode/ids.ts'
import { tell } from './told.ts'

const expected = 10_000

it('shows them all', async () => {
  const { views, emulators } = (await extensions.getExtension<Api>('wasmate.wasmate')?.activate()) as Api
  const view = views[ids.invocations]
  if (!view) throw new Error('there is no such view')
  const isRunning = (): boolean => emulators.all.some(({ state }) => state === 'running')
  while (!isRunning()) await pause(20)
  await commands.executeCommand(`${ids.invocations}.focus`)
  await pause(1_000)
  const before = await measureHeap()
  const nodes = (await view.getChildren()) ?? []
  const last = nodes.at(-1)
  if (!last || !('more' in last) || typeof last.more !== 'function')
    throw new Error('there is nothing more to show')
  for (let shown = nodes.length; shown < expected + nodes.length; shown += nodes.length - 1)
    (last.more as () => void)()
  let shown: unknown[] = []
  while (shown.length < expected) shown = (await view.getChildren()) ?? []
  // The list itself asks for them too, and holds them.
  await pause(8_000)
  await tell('shown', shown.length)
  shown = []
  await tell('heap', (await measureHeap()) - before)
})

async function measureHeap(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let turn = 0; turn < 3; turn++) {
    collect()
    await pause(100)
  }
  return process.memoryUsage().heapUsed
}
