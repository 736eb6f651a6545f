// What is wrong with the sources of functions, on the lines that it is about; gone with the next good build.

import { join } from 'node:path'
import { Diagnostic, DiagnosticSeverity, Disposable, Range, Uri, languages, tasks } from 'vscode'
import type { Diagnostic as SourceDiagnostic, ErrorCode, Problem } from '../../base/errors.ts'
import type { SourceFunction, SourceFunctions } from './functions.ts'
import { taskType } from './tasks.ts'

/** Tasks have the same owner, so that nothing is shown twice. */
export const diagnosticsOwner = 'wasmate'

/** What a person mends in the source. */
const ofSource = new Set<ErrorCode>([
  'BUILD_FAILED',
  'WASM_INVALID',
  'WASM_NO_EXPORTS',
  'WASM_IMPORT_UNKNOWN',
  'MANIFEST_INVALID',
  'SOURCE_NOT_FOUND',
  'LANGUAGE_UNKNOWN',
  'NAME_INVALID',
])

export function registerProblems(functions: SourceFunctions): Disposable {
  const collection = languages.createDiagnosticCollection(diagnosticsOwner)
  let shown = new Set<string>()
  const show = (): void => {
    const byFile = new Map<string, Diagnostic[]>()
    for (const each of functions.all) {
      for (const [file, diagnostic] of diagnosticsOf(each)) {
        byFile.set(file, [...(byFile.get(file) ?? []), diagnostic])
      }
    }
    for (const file of shown) if (!byFile.has(file)) collection.delete(Uri.file(file))
    for (const [file, found] of byFile) collection.set(Uri.file(file), found)
    shown = new Set(byFile.keys())
  }
  // A task that ends takes away all that has its owner and was not said by the task.
  const afterTask = tasks.onDidEndTask(({ execution }) => {
    if (execution.task.definition.type === taskType) show()
  })
  return Disposable.from(collection, functions.onDidChange(show), afterTask)
}

function diagnosticsOf(found: SourceFunction): [file: string, Diagnostic][] {
  const { problem } = found
  if (!problem || !ofSource.has(problem.code)) return []
  const { diagnostics = [] } = problem
  if (diagnostics.length === 0)
    return [[fileOf(found), toDiagnostic(problem, problem.detail, new Range(0, 0, 0, 0))]]
  return diagnostics.map((each) => {
    const { file, line, column, message } = each
    // What is wrong in a library was brought about by the source; nobody can mend the library.
    if (file.startsWith('~lib/')) {
      const text = `${file}:${line}:${column}: ${message}`
      return [found.entry, toDiagnostic(problem, text, new Range(0, 0, 0, 0), each)]
    }
    return [join(folderOf(found), file), toDiagnostic(problem, message, rangeOf(each), each)]
  })
}

/** What files are named relative to. A ready module that was named itself is its own path. */
export function folderOf({ path, entry }: SourceFunction): string {
  return path === entry ? join(path, '..') : path
}

function fileOf({ path, entry, problem, language }: SourceFunction): string {
  return problem?.code === 'MANIFEST_INVALID' || language === 'unknown' ? join(path, 'wasmate.json') : entry
}

/** Compilers say where it begins; VS Code marks the word there. */
function rangeOf({ line, column }: SourceDiagnostic): Range {
  return new Range(line - 1, column - 1, line - 1, column - 1)
}

function toDiagnostic(problem: Problem, message: string, range: Range, from?: SourceDiagnostic): Diagnostic {
  const severity = from?.severity === 'warning' ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error
  const diagnostic = new Diagnostic(range, message, severity)
  diagnostic.source = 'Wasmate'
  diagnostic.code = problem.code
  return diagnostic
}
