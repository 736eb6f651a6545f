// A debug session as VS Code takes one: messages of its protocol in and out, in this process. The function itself runs in
// a process of its own.

import type { DebugProtocol } from '@vscode/debugprotocol'
import {
  type DebugAdapter,
  type DebugAdapterDescriptor,
  type DebugAdapterDescriptorFactory,
  DebugAdapterInlineImplementation,
  type DebugProtocolMessage,
  type DebugSession as EditorSession,
  EventEmitter,
} from 'vscode'
import type { DebugSession } from '../../debug/session/session.ts'
import type { DebugTarget } from '../../debug/session/target.ts'
import { sayFailure } from '../failure.ts'
import type { SourceFunction } from '../source/functions.ts'
import { noInput } from '../source/input.ts'
import type { BegunCase, DebuggedCases } from './cases.ts'
import {
  type Configurations,
  type ConfigurationParts,
  type WasmateConfiguration,
  inputOf,
} from './configuration.ts'
import { sessionTexts } from './texts.ts'

export interface AdapterParts extends ConfigurationParts {
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
  readonly #case: BegunCase | undefined

  constructor(editor: EditorSession, parts: AdapterParts, Session: typeof DebugSession) {
    const { hosts, cases } = parts
    this.#case = cases.begun(editor)
    const begun = this.#case
    this.#session = new Session({
      hosts,
      texts: sessionTexts(),
      say: sayFailure,
      showsFailure: begun === undefined,
      send: (message) => this.#sent.fire(message),
      prepare: async ({ command }, signal) => {
        try {
          const target = await prepare(parts, editor, command === 'attach', signal)
          return begun ? { ...target, answered: async (reply) => begun.tell({ reply }) } : target
        } catch (error) {
          begun?.tell({ error })
          throw error
        }
      },
    })
  }

  handleMessage(message: DebugProtocolMessage): void {
    if (isRestart(message as DebugProtocol.Request)) this.#case?.restarts()
    void this.#session.receive(message as DebugProtocol.ProtocolMessage)
  }

  dispose(): void {
    void this.#session.end()
    this.#sent.dispose()
  }
}

/** VS Code ends a session, and begins it once more. */
function isRestart({ command, arguments: given }: DebugProtocol.Request): boolean {
  const isEnd = command === 'terminate' || command === 'disconnect'
  return isEnd && (given as DebugProtocol.TerminateArguments | undefined)?.restart === true
}

async function prepare(
  parts: AdapterParts,
  { configuration, workspaceFolder }: EditorSession,
  isAttach: boolean,
  signal: AbortSignal,
): Promise<DebugTarget> {
  const asked = configuration as WasmateConfiguration
  const [{ prepareAttach, prepareLaunch }, { isIncomplete, prepareRecorded }] = await Promise.all([
    import('./prepare.ts'),
    import('./recorded.ts'),
  ])
  const find = (): Promise<SourceFunction> => parts.configurations.find(workspaceFolder, asked.function)
  if (isAttach) return prepareAttach(parts, await find(), signal)
  if (asked.receipt === undefined) return prepareLaunch(parts, await find(), asked, signal)
  try {
    return await prepareRecorded(parts, workspaceFolder, asked, signal)
  } catch (error) {
    if (!isIncomplete(error) || inputOf(asked, []) === noInput) throw error
    // What is not in its receipt as a whole can be called anew.
    const target = await prepareLaunch(parts, await find(), asked, signal)
    return { ...target, remarks: [...target.remarks, sayFailure(error)] }
  }
}
