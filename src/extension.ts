// Entry of the VS Code extension: what it adds to the editor, each part of src/vscode/ by its `register`.

import type { ExtensionContext } from 'vscode'
import { Contents } from './vscode/contents.ts'
import { registerCommands } from './vscode/commands/register.ts'
import { registerDebug } from './vscode/debug/register.ts'
import { registerEmulators } from './vscode/emulator/part.ts'
import { Emulators } from './vscode/emulators.ts'
import { registerInvocation } from './vscode/invocation/invocation.ts'
import { registerIpfsFiles } from './vscode/ipfs-files.ts'
import { type Source, registerSource } from './vscode/source/register.ts'
import { type Testing, registerTesting } from './vscode/testing/explorer.ts'
import { registerTools } from './vscode/tools/invoke.ts'
import { registerMcp } from './vscode/tools/mcp.ts'
import { type Sidebar, registerSidebar } from './vscode/trees/sidebar.ts'

/** What the window holds, for tests. */
export type Api = Pick<Sidebar, 'views'> & { emulators: Emulators; testing: Testing; source: Source }

/** Does no I/O: what is heavy is loaded when it is first used, and the disk is looked at soon after. */
export function activate(context: ExtensionContext): Api {
  const emulators = new Emulators(context.asAbsolutePath('dist/cli.mjs'))
  const contents = new Contents(emulators)
  const sidebar = registerSidebar(emulators, context)
  const source = registerSource(emulators, context)
  const debugging = registerDebug({ ...source, emulators, context })
  const testing = registerTesting(context, debugging.cases)
  context.subscriptions.push(
    emulators,
    sidebar,
    contents,
    registerEmulators(emulators, context),
    registerCommands(emulators, context),
    source,
    debugging,
    registerInvocation(emulators, context, sidebar.clicked),
    registerIpfsFiles(contents),
    testing,
    registerTools(emulators),
    registerMcp(emulators, context),
  )
  return { views: sidebar.views, emulators, testing, source }
}

/** Nothing to do: what was registered is disposed of by VS Code, and a read that is under way is ended with it. */
export function deactivate(): void {
  return
}
