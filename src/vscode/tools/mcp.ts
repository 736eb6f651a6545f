// The functions of each folder as an MCP server that the editor starts when a model needs it: `wasmate mcp`.

import * as vscode from 'vscode'
import { Disposable, type Event, EventEmitter, type ExtensionContext, workspace } from 'vscode'
import { asNode } from '../../base/child-process.ts'
import type { Emulators } from '../emulators.ts'
import { mcpProvider } from '../ids.ts'
import { readAssignments } from '../settings.ts'

const setting = 'wasmate.tools.mcp'

interface McpProvider {
  onDidChangeMcpServerDefinitions: Event<void>
  provideMcpServerDefinitions: () => object[]
}

/** What VS Code has from 1.101; the lowest version that runs this does not declare it. */
interface McpApi {
  lm: { registerMcpServerDefinitionProvider?: (id: string, provider: McpProvider) => Disposable }
  McpStdioServerDefinition?: new (
    label: string,
    command: string,
    args: string[],
    env: Record<string, string>,
    version: string,
  ) => object
}

/** How a server is started that speaks over its standard input and output. */
export interface McpServer {
  label: string
  command: string
  args: string[]
  env: Record<string, string>
}

/** One a folder; none until it is switched on, and none in a window that is not trusted. */
export function listMcpServers({ all, entry }: Emulators): McpServer[] {
  if (!workspace.isTrusted || workspace.getConfiguration().get(setting) !== true) return []
  return all.map(({ folder }) => {
    const settings = readAssignments(folder).flatMap((each) => ['--set', each])
    const args = [entry, '--dir', folder.uri.fsPath, ...settings, 'mcp', '--start']
    return { label: `Wasmate: ${folder.name}`, command: process.execPath, args, env: asNode }
  })
}

export function registerMcp(emulators: Emulators, context: ExtensionContext): Disposable {
  const { lm, McpStdioServerDefinition } = vscode as McpApi
  if (!McpStdioServerDefinition) return new Disposable(() => undefined)
  const changed = new EventEmitter<void>()
  const { version } = context.extension.packageJSON as { version: string }
  const provide = (): object[] =>
    listMcpServers(emulators).map(
      ({ label, command, args, env }) => new McpStdioServerDefinition(label, command, args, env, version),
    )
  return Disposable.from(
    changed,
    registerProvider(lm, {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: provide,
    }),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('wasmate')) changed.fire()
    }),
    workspace.onDidChangeWorkspaceFolders(() => changed.fire()),
    workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
  )
}

/** 1.100 has the function as a proposal that it refuses to others: there it is as if it were missing. */
function registerProvider(lm: McpApi['lm'], provider: McpProvider): Disposable {
  const nothing = new Disposable(() => undefined)
  try {
    return lm.registerMcpServerDefinitionProvider?.(mcpProvider, provider) ?? nothing
  } catch {
    return nothing
  }
}
