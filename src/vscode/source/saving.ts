// Save and run: a file of a function is saved, and what is saved is built, pinned, registered and loaded; with `run`
// it is called as it was called last. Nothing is shown that takes the focus.

import { basename, relative, sep } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Disposable, ProgressLocation, type TextDocument, type Uri, l10n, window, workspace } from 'vscode'
import { toWasmateError } from '../../base/errors.ts'
import type { Deployment } from '../../flows/deploy.ts'
import { tellFailure } from '../commands/command.ts'
import { type RememberedInputs, noInput, readInput } from './input.ts'
import { type SourceParts, say, sayDeployed } from './commands.ts'
import { sayAnswer } from './answers.ts'
import type { SourceFunction } from './functions.ts'

/** A save that is done in less is seen by what it brings about. */
const momentMs = 400
const answerCharacters = 60

export interface SavingParts extends SourceParts {
  inputs: RememberedInputs
}

export function registerSaving(parts: SavingParts): Disposable {
  const told = new Set<string>()
  return workspace.onDidSaveTextDocument((document) => void onSave(parts, document, told))
}

/**
 * Only with an emulator that runs: a save starts none. What went wrong for the source is on its lines; the rest is
 * told once, and again when it is something else or went well in between.
 */
async function onSave(parts: SavingParts, { uri }: TextDocument, told: Set<string>): Promise<void> {
  const found = parts.functions.of(uri)
  const mode = readMode(uri)
  if (!found?.link.client || mode === 'off' || !workspace.isTrusted || !isSource(found, uri)) return
  try {
    await takeUp(parts, found, mode === 'run')
    for (const each of told) if (each.startsWith(`${found.path} `)) told.delete(each)
  } catch (error) {
    const { code, diagnostics } = toWasmateError(error)
    const key = `${found.path} ${code}`
    if (code === 'CANCELLED') return
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

async function takeUp(parts: SavingParts, found: SourceFunction, isCalled: boolean): Promise<void> {
  const { client } = found.link
  if (!client) return
  const deploying = parts.deployments.deploy(client, found.path, {})
  void showWhileLong(found.name, deploying)
  const deployment = await deploying
  if (isCalled) await call(parts, found, deployment)
  else say(sayDeployed(deployment))
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

async function showWhileLong(name: string, work: Promise<unknown>): Promise<void> {
  const settled = work.then(
    () => true,
    () => true,
  )
  if (await Promise.race([settled, pause(momentMs, false)])) return
  const options = { location: ProgressLocation.Window, title: l10n.t('Deploying {0}', name) }
  await window.withProgress(options, () => settled)
}
