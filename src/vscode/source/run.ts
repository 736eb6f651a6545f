// Run, Run with... and Run again: calls an export of what is on disk now, and remembers with what.

import { type Disposable, type ExtensionContext, type Uri, commands, l10n, window } from 'vscode'
import { WasmateError, fromProblem } from '../../base/errors.ts'
import type { InvokeRequest } from '../../client/messages.ts'
import { orAborted } from '../../base/pause.ts'
import { isWhole } from '../../trace/kept-bytes.ts'
import type { InvocationRecord } from '../../trace/record.ts'
import { linkFor, unlessGivenUp } from '../commands/command.ts'
import { registerCommand } from '../telling.ts'
import { sayFailure } from '../failure.ts'
import { commands as ids } from '../ids.ts'
import { runVisibly } from '../progress.ts'
import { showIfWanted } from '../invocation/wanted.ts'
import { deploy, saveAll, say } from './commands.ts'
import type { SourceFunction } from './functions.ts'
import { sayAnswer } from './answers.ts'
import { type Asked, chooseFunction, findIfHere, readAsked } from './target.ts'
import type { SavingParts } from './saving.ts'
import type { Emulators } from '../emulators.ts'
import { askForInput } from './ask.ts'
import { type Input, isInput, noInput, readInput } from './input.ts'

export interface RunParts extends SavingParts {
  emulators: Emulators
  context: ExtensionContext
}

/** What is called: by its name, and with its source where that is in this workspace. */
interface Target {
  name: string
  found?: SourceFunction
  asked: Asked
}

/** A call, and the folder in whose emulator it was made. */
type ShownRecord = InvocationRecord & { folder?: Uri }

const answerCharacters = 60
/** Registered by the part that shows calls. */
const showInvocation = 'wasmate.showInvocation'

/** Each gives the record of the call, also of one that failed. */
export function registerRunning(parts: RunParts): Disposable[] {
  return [
    registerCommand(ids.invoke, async (given) => {
      const target = await findTarget(parts, readAsked(given), l10n.t('Run a Function'))
      return run(parts, target, ({ list }) => Promise.resolve(list[0] ?? noInput))
    }),
    registerCommand(ids.runWith, async (given) => {
      const target = await findTarget(parts, readAsked(given), l10n.t('Run with an Input'))
      return run(parts, target, ({ list, title }) => askForInput(title, list))
    }),
    registerCommand(ids.runAgain, async (given) => again(parts, readRecord(given))),
  ]
}

/** One that is only registered is called by its name, and so is one that was chosen as it is registered. */
async function findTarget(parts: RunParts, asked: Asked, title: string): Promise<Target> {
  if (asked.name !== undefined && asked.network !== undefined) return { name: asked.name, asked }
  const found = await findIfHere(parts.functions, asked)
  if (found) return { name: found.name, found, asked }
  if (asked.name !== undefined) return { name: asked.name, asked }
  const chosen = await chooseFunction(parts.functions, title)
  return { name: chosen.name, found: chosen, asked }
}

type GetInput = (known: { list: Input[]; title: string }) => Promise<Input>

async function run(
  parts: RunParts,
  { name, found, asked }: Target,
  get: GetInput,
): Promise<InvocationRecord> {
  const { inputs } = parts
  const { called, exports } = found ? await bringUp(parts, found) : { called: name, exports: [] }
  const exported = asked.export ?? (await chooseExport(found, exports))
  const title = exported === undefined ? name : `${name} ${exported}`
  const given = isInput(asked.input) ? asked.input : undefined
  const input = given ?? (await get({ list: inputs.list(name, exported), title }))
  const base64 = Buffer.from(await readInput(input)).toString('base64')
  await inputs.remember(name, exported, input)
  const link = found?.link ?? (await linkFor(parts, { ...(asked.folder && { folder: asked.folder.fsPath }) }))
  return call(link, { target: called, export: exported, base64 })
}

interface Up {
  /** The name, or the CID while the chain is not there yet. */
  called: string
  exports: string[]
}

/** What is on disk is what runs: it is saved, and deployed unless it answers already. */
async function bringUp(parts: RunParts, found: SourceFunction): Promise<Up> {
  await saveAll(parts.functions, found)
  const current = parts.deployments.current(found.path)
  const title = l10n.t('Deploying {0}', found.name)
  // What a save has begun goes on when only this is given up.
  const saved = current && (await runVisibly(title, (signal) => orAborted(current, signal)))
  const known = saved ? undefined : await standing(found)
  if (known?.standing === 'in-step') return { called: found.name, exports: known.exports }
  const { registered, pin, exports } = saved ?? (await deploy(parts, found))
  return { called: registered.registration ? found.name : pin.cid, exports }
}

async function standing({ link, path }: SourceFunction): Promise<SourceFunction | undefined> {
  const client = await link.require()
  const found = (await client.stream('overview', {}, {})).find((each) => each.path === path)
  return found && { ...found, link }
}

/** `undefined` is the default one: the first that wasmate.json names, or the only one. */
async function chooseExport(
  found: SourceFunction | undefined,
  exports: string[],
): Promise<string | undefined> {
  if (found?.defaultExport !== undefined) return found.defaultExport
  if (exports.length < 2) return exports[0]
  const placeHolder = l10n.t('Which export?')
  return unlessGivenUp(await window.showQuickPick(exports, { placeHolder }))
}

/** A record, or a line of the history that holds one. */
function readRecord(given: unknown): ShownRecord {
  const value = typeof given === 'object' && given !== null && 'record' in given ? given.record : given
  if (typeof value === 'object' && value !== null && 'target' in value && 'input' in value) {
    return value as ShownRecord
  }
  throw new WasmateError('INPUT_INVALID', l10n.t('choose a call in the Invocations view'))
}

async function again(
  parts: RunParts,
  { target, export: exported, input, folder }: ShownRecord,
): Promise<InvocationRecord> {
  if (!isWhole(input)) {
    throw new WasmateError('INPUT_INVALID', l10n.t('of its {0} bytes only the first were kept', input.size))
  }
  const found = folder ? undefined : await findIfHere(parts.functions, { name: target })
  const link = found?.link ?? (await linkFor(parts, { ...(folder && { folder: folder.fsPath }) }))
  return call(link, { target, export: exported, base64: input.base64 })
}

/** The answer is at the end of the export's line, and in the history; what failed is said. */
async function call(link: SourceFunction['link'], request: InvokeRequest): Promise<InvocationRecord> {
  const client = await link.require()
  const record = await runVisibly(l10n.t('Running {0}', request.target), (signal) =>
    client.stream('invoke', request, { signal }),
  )
  const shown = { ...record, folder: link.folder.uri }
  void showIfWanted(shown)
  if (record.problem) void tellProblem(shown)
  else say(`${record.target} ${sayAnswer(record, answerCharacters)} ${record.cid ?? ''}`)
  return record
}

async function tellProblem(record: ShownRecord): Promise<void> {
  if (!record.problem) return
  const show = l10n.t('Show Invocation')
  const canShow = (await commands.getCommands(true)).includes(showInvocation)
  const chosen = await window.showErrorMessage(
    sayFailure(fromProblem(record.problem)),
    ...(canShow ? [show] : []),
  )
  if (chosen === show) await commands.executeCommand(showInvocation, record)
}
