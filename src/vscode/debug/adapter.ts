// A debug session as VS Code takes one: messages of its protocol in and out, in this process. The function itself runs in
// a process of its own.

import type { DebugProtocol } from '@vscode/debugprotocol'
import { pathToFileURL } from 'node:url'
import {
  type DebugAdapter,
  type DebugAdapterDescriptor,
  type DebugAdapterDescriptorFactory,
  DebugAdapterInlineImplementation,
  type DebugProtocolMessage,
  type DebugSession as EditorSession,
  EventEmitter,
  type ExtensionContext,
} from 'vscode'
import type { DebugSession } from '../../debug/session/session.ts'
import { sayFailure } from '../failure.ts'
import type { DebuggedCases } from './cases.ts'
import type { Configurations, ConfigurationParts, WasmateConfiguration } from './configuration.ts'
import { sessionTexts } from './texts.ts'

export interface AdapterParts extends ConfigurationParts {
  context: ExtensionContext
  configurations: Configurations
  cases: DebuggedCases
}

export class Adapters implements DebugAdapterDescriptorFactory {
  readonly #parts: AdapterParts

  constructor(parts: AdapterParts) {
    this.#parts = parts
  }

  async createDebugAdapterDescriptor(session: EditorSession): Promise<DebugAdapterDescriptor> {
    // Loaded when something is first debugged.
    const { DebugSession } = await import('../../debug/session/session.ts')
    return new DebugAdapterInlineImplementation(new Adapter(session, this.#parts, DebugSession))
  }
}

class Adapter implements DebugAdapter {
  readonly #sent = new EventEmitter<DebugProtocolMessage>()
  readonly onDidSendMessage = this.#sent.event
  readonly #session: DebugSession

  constructor(editor: EditorSession, parts: AdapterParts, Session: typeof DebugSession) {
    const { context, configurations, cases } = parts
    const tell = cases.begun(editor)
    const module = (name: string): URL => pathToFileURL(context.asAbsolutePath(`dist/${name}.mjs`))
    this.#session = new Session({
      modules: { host: module('debug-host'), debuggee: module('debuggee') },
      texts: sessionTexts(),
      say: sayFailure,
      showsFailure: tell === undefined,
      send: (message) => this.#sent.fire(message),
      prepare: async (request, signal) => {
        const configuration = editor.configuration as WasmateConfiguration
        try {
          const { prepareAttach, prepareLaunch } = await import('./prepare.ts')
          const found = await configurations.find(editor.workspaceFolder, configuration.function)
          if (request.command === 'attach') return await prepareAttach(parts, found, signal)
          const target = await prepareLaunch(parts, found, configuration, signal)
          return tell ? { ...target, answered: async (reply) => tell({ reply }) } : target
        } catch (error) {
          tell?.({ error })
          throw error
        }
      },
    })
  }

  handleMessage(message: DebugProtocolMessage): void {
    void this.#session.receive(message as DebugProtocol.ProtocolMessage)
  }

  dispose(): void {
    void this.#session.end()
    this.#sent.dispose()
  }
}
