// Save and run: a file of a function is saved, and what is saved is built, pinned, registered and loaded; with `run`
// it is called as it was called last. Nothing is shown that takes the focus.

import { basename, relative, sep } from 'node:path'
import { Disposable, type TextDocument, type Uri, l10n, workspace } from 'vscode'
import { toWasmateError } from '../../base/errors.ts'
import type { Deployment } from '../../flows/deploy.ts'
import { tellFailure } from '../telling.ts'
import { runVisibly } from '../progress.ts'
import { type RememberedInputs, noInput, readInput } from './input.ts'
import { type SourceParts, say, sayDeployed } from './commands.ts'
import { sayAnswer } from './answers.ts'
import type { SourceFunction } from './functions.ts'

/** A save that is done in less is seen by what it brings about. */
const momentMs = 1_000
const answerCharacters = 60

export interface SavingParts extends SourceParts {
  inputs: RememberedInputs
}

interface Saves {
  /** What went wrong and was said, as `path code`. */
  told: Set<string>
  /** The last save of each function. */
  latest: Map<string, object>
}

export function registerSaving(parts: SavingParts): Disposable {
  const saves: Saves = { told: new Set(), latest: new Map() }
  return workspace.onDidSaveTextDocument((document) => void onSave(parts, document, saves))
}

/**
 * Only with an emulator that runs: a save starts none. What went wrong for the source is on its lines; the rest is
 * told once, and again when it is something else or went well in between.
 */
async function onSave(parts: SavingParts, { uri }: TextDocument, { told, latest }: Saves): Promise<void> {
  const found = parts.functions.of(uri)
  const mode = readMode(uri)
  if (!found?.link.client || mode === 'off' || !workspace.isTrusted || !isSource(found, uri)) return
  const own = {}
  latest.set(found.path, own)
  try {
    const deployment = await takeUp(parts, found)
    // A later one says what came of it.
    if (!deployment || latest.get(found.path) !== own) return
    if (mode === 'run') await call(parts, found, deployment)
    else say(sayDeployed(deployment))
    for (const each of told) if (each.startsWith(`${found.path} `)) told.delete(each)
  } catch (error) {
    const { code, diagnostics } = toWasmateError(error)
    const key = `${found.path} ${code}`
    if (code === 'CANCELLED' || latest.get(found.path) !== own) return
    if (diagnostics.length > 0) return say(l10n.t('{0} has problems', found.name))
    if (!told.has(key)) void tellFailure(error)
    told.add(key)
  }
}

function readMode(uri: Uri): string {
  return workspace.getConfiguration('wasmate', uri).get('editor.saveAndRun', 'deploy')
}

/** Its own files, without what is beside the source: tests, dependencies, what is hidden. */
function isSource({ path, language }: SourceFunction, uri: Uri): boolean {
  if (language === 'wasm') return false
  const names = relative(path, uri.fsPath).split(sep)
  const isBeside = names.some((name) => name.startsWith('.') || name === 'node_modules' || name === 'dist')
  return !isBeside && basename(uri.fsPath) !== 'wasmate.test.json'
}

/** What took its place meanwhile, as a run or a task, stands for it. */
async function takeUp(
  { deployments }: SavingParts,
  { link: { client }, path, name }: SourceFunction,
): Promise<Deployment | undefined> {
  if (!client) return undefined
  const title = l10n.t('Deploying {0}', name)
  return runVisibly(title, (signal) => deployments.bringUp(client, path, { signal }), momentMs)
}

async function call(
  { inputs }: SavingParts,
  { link, defaultExport, name }: SourceFunction,
  { pin, exports, registered }: Deployment,
): Promise<void> {
  if (!link.client) return
  const last = inputs.lastExport(name)
  const exported = last !== undefined && exports.includes(last) ? last : (defaultExport ?? exports[0])
  const [input = noInput] = inputs.list(name, exported)
  const base64 = Buffer.from(await readInput(input)).toString('base64')
  const target = registered.registration ? name : pin.cid
  const record = await link.client.stream('invoke', { target, export: exported, base64 }, {})
  say(`${name} ${sayAnswer(record, answerCharacters)} ${record.cid ?? ''}`)
}
