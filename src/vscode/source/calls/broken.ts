// The line on which the last call of an export broke off, as long as what is built of the source is what was called.

import { join } from 'node:path'
import { Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Disposable } from 'vscode'
import { Location, Position, Range, Uri, languages } from 'vscode'
import type { StackFrame } from '../../../base/errors.ts'
import { isOwn } from '../../../debug-info.ts'
import type { InvocationRecord } from '../../../trace/record.ts'
import type { Answers } from '../answers.ts'
import type { SourceFunction, SourceFunctions } from '../functions.ts'
import { folderOf } from '../problems.ts'

/** Another owner than that of builds and tasks: those take away what they have shown. */
const owner = 'wasmate-calls'

/** Gone with the next call of the export that answers, and with the next build that gives other bytes. */
export function registerBrokenCalls(functions: SourceFunctions, answers: Answers): Disposable {
  const collection = languages.createDiagnosticCollection(owner)
  const show = (): void => {
    const found = new Map<string, Diagnostic[]>()
    for (const each of functions.all) {
      for (const record of answers.lastOf(each)) {
        if (record.cid !== each.local?.cid) continue
        for (const [file, diagnostic] of diagnosticsOf(each, record)) {
          found.set(file, [...(found.get(file) ?? []), diagnostic])
        }
      }
    }
    collection.clear()
    for (const [file, diagnostics] of found) collection.set(Uri.file(file), diagnostics)
  }
  return Disposable.from(collection, functions.onDidChange(show), answers.onDidChangeInlayHints(show))
}

function diagnosticsOf(found: SourceFunction, { problem }: InvocationRecord): [file: string, Diagnostic][] {
  const folder = folderOf(found)
  return (problem?.diagnostics ?? []).map(({ file, line, column, message }) => {
    const at = new Position(line - 1, column - 1)
    const diagnostic = new Diagnostic(new Range(at, at), message, DiagnosticSeverity.Error)
    diagnostic.source = 'Wasmate'
    if (problem) diagnostic.code = problem.code
    diagnostic.relatedInformation = toRelated(folder, problem?.callStack?.frames ?? [])
    return [join(folder, file), diagnostic]
  })
}

/** The functions of the stack that are in files of the workspace. */
function toRelated(folder: string, frames: StackFrame[]): DiagnosticRelatedInformation[] {
  return frames.flatMap(({ name, file, line, column }) => {
    if (file === undefined || line === undefined || !isOwn(file)) return []
    const at = new Position(line - 1, Math.max((column ?? 1) - 1, 0))
    return [new DiagnosticRelatedInformation(new Location(Uri.file(join(folder, file)), at), name)]
  })
}
