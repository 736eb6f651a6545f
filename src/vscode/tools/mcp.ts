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

/** Nothing is provided until it is switched on, and nothing in a folder that is not trusted. */
export function registerMcp(emulators: Emulators, context: ExtensionContext): Disposable {
  const { lm, McpStdioServerDefinition } = vscode as McpApi
  if (!McpStdioServerDefinition) return new Disposable(() => undefined)
  const changed = new EventEmitter<void>()
  const entry = context.asAbsolutePath('dist/cli.mjs')
  const { version } = context.extension.packageJSON as { version: string }
  const provide = (): object[] => {
    const isOn = workspace.isTrusted && workspace.getConfiguration().get(setting) === true
    return (isOn ? emulators.all : []).map(({ folder }) => {
      const settings = readAssignments(folder).flatMap((each) => ['--set', each])
      const args = [entry, '--dir', folder.uri.fsPath, ...settings, 'mcp', '--start']
      return new McpStdioServerDefinition(`Wasmate: ${folder.name}`, process.execPath, args, asNode, version)
    })
  }
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
