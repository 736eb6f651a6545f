// In the extension host: the first debug session of a window, which loads the debugger, and those after it.

import { it } from 'mocha'
import { Position, Location, SourceBreakpoint, Uri, commands, debug, window, workspace } from 'vscode'
import { setTimeout as pause } from 'node:timers/promises'
import { tell } from '../extension/told.ts'
import { restVariable } from './rest.ts'

it('stops at a breakpoint', async () => {
  const [folder] = workspace.workspaceFolders ?? []
  if (!folder) throw new Error('no folder is open')
  const file = Uri.joinPath(folder.uri, 'hello', 'index.ts')
  const document = await workspace.openTextDocument(file)
  await window.showTextDocument(document)
  const line = document
    .getText()
    .split('\n')
    .findIndex((text) => text.includes('const answer'))
  debug.removeBreakpoints(debug.breakpoints)
  debug.addBreakpoints([new SourceBreakpoint(new Location(file, new Position(line, 0)))])
  await pause(Number(process.env[restVariable]))
  await tell('first', await timeToStop())
  for (let turn = 0; turn < 3; turn++) await tell('next', await timeToStop())
})

async function timeToStop(): Promise<number> {
  let stopped = (): void => undefined
  let from = 0
  const stop = new Promise<void>((resolve) => (stopped = resolve))
  const tracking = debug.registerDebugAdapterTrackerFactory('wasmate', {
    createDebugAdapterTracker: () => ({
      onWillReceiveMessage: ({ command }: { command?: string }) => {
        if (command === 'initialize') void tell('asked', performance.now() - from)
      },
      onDidSendMessage: ({ event }: { event?: string }) => {
        if (event === 'stopped') stopped()
      },
    }),
  })
  from = performance.now()
  // What F5 runs in a function's source.
  await commands.executeCommand('wasmate.debug')
  await stop
  const ms = performance.now() - from
  tracking.dispose()
  const ended = new Promise<void>((resolve) => {
    const listening = debug.onDidTerminateDebugSession(() => {
      listening.dispose()
      resolve()
    })
  })
  await debug.stopDebugging()
  await ended
  return ms
}
