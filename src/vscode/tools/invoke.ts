// The tools of language models: which functions are registered, and a call of one that a person has confirmed.

import {
  type CancellationToken,
  Disposable,
  LanguageModelTextPart,
  type LanguageModelTool,
  type LanguageModelToolInvocationOptions,
  type LanguageModelToolInvocationPrepareOptions,
  LanguageModelToolResult,
  MarkdownString,
  type PreparedToolInvocation,
  l10n,
  lm,
  workspace,
} from 'vscode'
import { WasmateError, toWasmateError } from '../../base/errors.ts'
import type { ControlClient } from '../../client/control.ts'
import type { CalledFunction } from '../../flows/tools/describe.ts'
import type { EmulatorLink } from '../emulator/link.ts'
import type { Emulators } from '../emulators.ts'
import { sayFailure } from '../failure.ts'
import { tools } from '../ids.ts'

export interface InvokeInput {
  name: string
  export?: string
  /** Text, or JSON where the function says so. */
  input?: unknown
}

const setting = 'wasmate.tools.enabled'

/** Shown to no model until they are switched on, by `when` in package.json; who knows them is refused till then. */
export function registerTools(emulators: Emulators): Disposable {
  return Disposable.from(
    lm.registerTool(tools.list, new ListTool(emulators)),
    lm.registerTool(tools.invoke, new InvokeTool(emulators)),
  )
}

function requireOn(): void {
  if (workspace.getConfiguration().get(setting) === true) return
  throw new Error(l10n.t('Functions are no tools until {0} is switched on.', setting))
}

class ListTool implements LanguageModelTool<object> {
  readonly #emulators: Emulators

  constructor(emulators: Emulators) {
    this.#emulators = emulators
  }

  prepareInvocation(): PreparedToolInvocation {
    requireOn()
    return { invocationMessage: l10n.t('Listing registered functions') }
  }

  invoke(_options: unknown, token: CancellationToken): Promise<LanguageModelToolResult> {
    return answer(token, async (signal) => {
      const { listTools } = await import('../../client/tools.ts')
      const listed = await Promise.all(
        this.#emulators.all.map(async (link) =>
          (await listTools(await link.require(signal), signal)).map(({ title, description, called }) => {
            const { version, cid, inputSchema = { type: 'string' } } = called
            return { name: title, description, version, cid, inputSchema }
          }),
        ),
      )
      return JSON.stringify(listed.flat(), undefined, 1)
    })
  }
}

class InvokeTool implements LanguageModelTool<InvokeInput> {
  readonly #emulators: Emulators
  /** CIDs by name, as they were shown to who confirmed: what has changed since is not called. */
  readonly #confirmed = new Map<string, string>()

  constructor(emulators: Emulators) {
    this.#emulators = emulators
  }

  /** Starts nothing: that is part of what is asked. */
  async prepareInvocation({
    input: { name, input },
  }: LanguageModelToolInvocationPrepareOptions<InvokeInput>): Promise<PreparedToolInvocation> {
    requireOn()
    const found = await this.#findRunning(name).catch(() => undefined)
    if (found) this.#confirmed.set(name, found.cid)
    else this.#confirmed.delete(name)
    const which = found
      ? l10n.t('version {0}, CID `{1}`, on the network `emulator`', found.version, found.cid)
      : l10n.t(
          'on the network `emulator`, as it stands there when it is called; the emulator is started for it',
        )
    const message = new MarkdownString(l10n.t('Calls the function `{0}`: {1}.', plain(name), which))
    if (input !== undefined)
      message.appendCodeblock(typeof input === 'string' ? input : JSON.stringify(input))
    return {
      invocationMessage: l10n.t('Calling {0}', name),
      confirmationMessages: { title: l10n.t('Call the function {0}?', name), message },
    }
  }

  invoke(
    { input: { name, export: asked, input: value } }: LanguageModelToolInvocationOptions<InvokeInput>,
    token: CancellationToken,
  ): Promise<LanguageModelToolResult> {
    return answer(token, async (signal) => {
      const [{ callTool }, { toInput }] = await Promise.all([
        import('../../client/tools.ts'),
        import('../../flows/tools/input.ts'),
      ])
      const { client, called } = await this.#find(name, signal)
      const shown = this.#confirmed.get(name)
      this.#confirmed.delete(name)
      if (shown !== undefined && shown !== called.cid) {
        throw new WasmateError(
          'INPUT_INVALID',
          `${name} was ${shown} when it was confirmed, and is ${called.cid} now`,
        )
      }
      const input = toInput(called, value)
      const { text, record } = await callTool(client, { called, input, export: asked }, signal)
      return [text, l10n.t('(answered by {0})', record?.cid ?? called.cid)]
    })
  }

  async #findRunning(name: string): Promise<CalledFunction | undefined> {
    const { findCalled } = await import('../../client/tools.ts')
    for (const { client } of this.#emulators.all) {
      const called = client && (await findCalled(client, name).catch(() => undefined))
      if (called) return called
    }
    return undefined
  }

  /** In the folder that has it; where none has, what the last one says of that. */
  async #find(name: string, signal: AbortSignal): Promise<{ client: ControlClient; called: CalledFunction }> {
    const { findCalled } = await import('../../client/tools.ts')
    let failure: unknown = new WasmateError('FOLDER_MISSING')
    for (const link of runningFirst(this.#emulators.all)) {
      try {
        const client = await link.require(signal)
        return { client, called: await findCalled(client, name, signal) }
      } catch (error) {
        if (toWasmateError(error).code === 'CANCELLED') throw error
        failure = error
      }
    }
    throw failure
  }
}

function runningFirst(links: readonly EmulatorLink[]): EmulatorLink[] {
  return [...links].sort((a, b) => Number(b.client !== undefined) - Number(a.client !== undefined))
}

/** What fails is told to the model with what to do about it: it may do so. */
async function answer(
  token: CancellationToken,
  work: (signal: AbortSignal) => Promise<string | string[]>,
): Promise<LanguageModelToolResult> {
  requireOn()
  const stopper = new AbortController()
  const listening = token.onCancellationRequested(() => stopper.abort())
  try {
    const texts = await work(stopper.signal)
    return new LanguageModelToolResult([texts].flat().map((text) => new LanguageModelTextPart(text)))
  } catch (error) {
    if (stopper.signal.aborted) throw error
    return new LanguageModelToolResult([new LanguageModelTextPart(sayFailure(error))])
  } finally {
    listening.dispose()
  }
}

/** A name that a model made up is not to look like more than a name. */
function plain(name: string): string {
  return name.replaceAll('`', "'").replace(/\s/g, ' ')
}
