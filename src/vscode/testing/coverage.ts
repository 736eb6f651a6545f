// What cases have run of their function, as the editor shows it beside the lines.

import {
  DeclarationCoverage,
  FileCoverage,
  type FileCoverageDetail,
  Position,
  Range,
  StatementCoverage,
  Uri,
} from 'vscode'
import type { ReachedPlace } from '../../client/cases.ts'

/** By what was added to a run: the editor asks for them when a person looks at the file. */
const details = new WeakMap<FileCoverage, FileCoverageDetail[]>()

/** One for each file. */
export function toFileCoverage(places: readonly ReachedPlace[]): FileCoverage[] {
  const byFile = new Map<string, FileCoverageDetail[]>()
  for (const place of places) byFile.set(place.file, [...(byFile.get(place.file) ?? []), toDetail(place)])
  return [...byFile].map(([file, found]) => {
    const coverage = FileCoverage.fromDetails(Uri.file(file), found)
    details.set(coverage, found)
    return coverage
  })
}

export async function loadDetails(coverage: FileCoverage): Promise<FileCoverageDetail[]> {
  return details.get(coverage) ?? []
}

function toDetail({ name, line, column, endLine, endColumn, reached }: ReachedPlace): FileCoverageDetail {
  const start = new Position(line - 1, column - 1)
  if (name !== undefined) return new DeclarationCoverage(name, reached, start)
  return new StatementCoverage(reached, new Range(start, new Position(endLine - 1, endColumn - 1)))
}
