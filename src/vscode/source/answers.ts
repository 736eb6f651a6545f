// The last answer of an export, its time and its CID, at the end of the line that exports it.

import {
  Disposable,
  type Event,
  EventEmitter,
  InlayHint,
  type InlayHintsProvider,
  MarkdownString,
  type Range,
  type TextDocument,
  l10n,
  languages,
  workspace,
} from 'vscode'
import { printable } from '../../base/printable.ts'
import type { InvocationRecord } from '../../trace/record.ts'
import type { EmulatorLink } from '../emulator/link.ts'
import type { Emulators } from '../emulators.ts'
import { findExports } from './exports.ts'
import type { SourceFunction, SourceFunctions } from './functions.ts'
import { formatDuration } from '../trees/words.ts'
import { sourceFiles } from './lenses.ts'

const setting = 'wasmate.editor.answers'

/** VS Code cuts the hints of a line after 43 characters. */
const answerCharacters = 20
const hoverCharacters = 5_000
const mostKept = 500
/** Of the history, when an emulator is found that was called before. */
const mostFetched = 100

export function registerAnswers(emulators: Emulators, functions: SourceFunctions): [Answers, Disposable] {
  const provider = new Answers(emulators, functions)
  return [provider, languages.registerInlayHintsProvider(sourceFiles, provider)]
}

export class Answers implements InlayHintsProvider, Disposable {
  readonly #emulators: Emulators
  readonly #functions: SourceFunctions
  readonly #changed = new EventEmitter<void>()
  readonly onDidChangeInlayHints = this.#changed.event
  readonly #shown = new EventEmitter<readonly InlayHint[]>()
  /** What the editor has just been given, to measure how soon that is. */
  readonly onDidShow: Event<readonly InlayHint[]> = this.#shown.event
  readonly #listening = new Map<EmulatorLink, Disposable>()
  readonly #disposables: Disposable[]
  /** The last of each target and export, the latest at the end. */
  readonly #records = new Map<string, { of: EmulatorLink; record: InvocationRecord }>()

  constructor(emulators: Emulators, functions: SourceFunctions) {
    this.#emulators = emulators
    this.#functions = functions
    this.#disposables = [
      this.#changed,
      this.#shown,
      emulators.onDidChange(() => this.#listen()),
      functions.onDidChange(() => this.#changed.fire()),
      workspace.onDidChangeConfiguration(
        (event) => event.affectsConfiguration(setting) && this.#changed.fire(),
      ),
    ]
    this.#listen()
  }

  dispose(): void {
    for (const each of [...this.#disposables, ...this.#listening.values()]) each.dispose()
  }

  provideInlayHints(document: TextDocument, range: Range): InlayHint[] {
    if (!workspace.getConfiguration('wasmate', document.uri).get('editor.answers', true)) return []
    const found = this.#functions.of(document.uri)
    if (!found) return []
    const hints = findExports(document.getText(), found.language).flatMap(({ name, offset }) => {
      const { line } = document.positionAt(offset)
      const record = line >= range.start.line && line <= range.end.line ? this.#find(found, name) : undefined
      return record ? [toHint(record, document.lineAt(line).range.end)] : []
    })
    this.#shown.fire(hints)
    return hints
  }

  #find(found: SourceFunction, exported: string): InvocationRecord | undefined {
    return this.lastOf(found).find((record) => record.export === exported)
  }

  /** The last of each export; by its name, or by the CID of what was built last: so it is called before the chain is there. */
  lastOf({ name, local, link }: SourceFunction): InvocationRecord[] {
    const byExport = new Map<string, InvocationRecord>()
    for (const { of, record } of this.#records.values()) {
      if (of !== link || (record.target !== name && record.target !== local?.cid)) continue
      const { export: exported = '', id } = record
      const known = byExport.get(exported)
      if (!known || known.id < id) byExport.set(exported, record)
    }
    return [...byExport.values()]
  }

  #listen(): void {
    const links = new Set(this.#emulators.all)
    for (const [link, listening] of this.#listening) {
      if (links.has(link)) continue
      listening.dispose()
      this.#listening.delete(link)
    }
    for (const link of links) {
      if (this.#listening.has(link)) continue
      const around = Disposable.from(
        link.onDidInvoke((record) => this.#take(link, record)),
        link.onDidChange((what) => what === 'state' && void this.#fetch(link)),
      )
      this.#listening.set(link, around)
      void this.#fetch(link)
    }
  }

  #take(link: EmulatorLink, record: InvocationRecord): void {
    this.#keep(link, record)
    this.#changed.fire()
  }

  #keep(link: EmulatorLink, record: InvocationRecord): void {
    // A call that came to no export belongs to no line.
    if (record.export === undefined) return
    const key = keyOf(link, record.target, record.export)
    this.#records.delete(key)
    this.#records.set(key, { of: link, record })
    for (const old of [...this.#records.keys()].slice(0, -mostKept)) this.#records.delete(old)
  }

  /** What was called before this window knew of it. */
  async #fetch(link: EmulatorLink): Promise<void> {
    if (!link.client) return
    // One that has ended meanwhile is told by its link.
    const records = await link.client.stream('history', { limit: mostFetched }, {}).catch(() => [])
    for (const record of records.reverse()) {
      const known = this.#records.get(keyOf(link, record.target, record.export ?? ''))?.record
      if (!known || known.at < record.at) this.#keep(link, record)
    }
    if (records.length > 0) this.#changed.fire()
  }
}

function keyOf({ folder }: EmulatorLink, target: string, exported: string): string {
  return JSON.stringify([folder.uri.toString(), target, exported])
}

function toHint(record: InvocationRecord, position: InlayHint['position']): InlayHint {
  const hint = new InlayHint(
    position,
    `${sayAnswer(record, answerCharacters)} ${record.durationMs === undefined ? '' : formatDuration(record.durationMs)} ${shorten(record.cid)}`,
  )
  hint.paddingLeft = true
  hint.tooltip = toHover(record)
  return hint
}

/** In one line of at most so many characters. */
export function sayAnswer({ output, problem }: InvocationRecord, maxLength: number): string {
  if (problem) return `✗ ${cut(problem.detail, maxLength)}`
  return `→ ${cut(output ? readText(output.base64, output.size) : '', maxLength)}`
}

/** Its end: the beginnings are the same. */
function shorten(cid: string | undefined): string {
  return cid === undefined ? '' : `…${cid.slice(-6)}`
}

function cut(text: string, maxLength: number): string {
  const line = printable(text, hoverCharacters).replace(/\s+/g, ' ').trim()
  const letters = [...line]
  return letters.length > maxLength
    ? `${letters
        .slice(0, maxLength - 1)
        .join('')
        .trimEnd()}…`
    : line
}

function readText(base64: string, size: number): string {
  const bytes = Buffer.from(base64, 'base64')
  const text = bytes.toString()
  return text.includes('\ufffd') ? l10n.t('{0} bytes', size) : text
}

function toHover(record: InvocationRecord): MarkdownString {
  const { target, export: exported = '', version, cid, output, problem, durationMs, at } = record
  const hover = new MarkdownString()
  const name = version === undefined ? target : `${target} v${version}`
  hover.appendText(`${name} ${exported}, ${new Date(at).toLocaleString()}\n`)
  if (durationMs !== undefined) hover.appendText(`${durationMs.toFixed(2)} ms\n`)
  const text = problem ? problem.detail : output ? readText(output.base64, output.size) : ''
  hover.appendCodeblock(printable(text, hoverCharacters))
  if (cid !== undefined) hover.appendCodeblock(cid)
  return hover
}
