// Frames of a call and the lines of its module -> the same frames, with the lines of their code.

import { basename, isAbsolute, relative, sep } from 'node:path'
import type { StackFrame } from '../../base/errors.ts'
import { type LineRow, isOwn } from '../../debug-info.ts'
import { type Lines, isLibrary } from '../../debug/session/lines.ts'

export interface SourceLines {
  lines: Lines
  /** How many bytes the code lies further on there than in the module that ran. */
  shift: number
  /** What files are named relative to: that of the function. */
  folder: string
  /** Of what is outside of this one no more than the name is told. */
  workspace: string
}

export function placeFrames(frames: StackFrame[], lines: SourceLines): StackFrame[] {
  return frames.flatMap((frame) => placeFrame(frame, lines))
}

/**
 * What a compiler has put in place is no frame: of a library function in a function of ours the line before it is told
 * too, which is most often the one that called it.
 */
function placeFrame(frame: StackFrame, found: SourceLines): StackFrame[] {
  const { lines, shift } = found
  const offset = frame.offset + shift
  const name = lines.functionAt(offset)?.name ?? frame.name
  const row = lines.nearestRowAt(offset)
  if (!row) return [{ ...frame, name }]
  const innermost = { ...frame, name, ...placeOf(row, found) }
  if (isOwn(innermost.file)) return [innermost]
  const caller = lines.nearestRowAt(offset, (each) => isOwn(fileOf(each, found)))
  return caller ? [innermost, { ...frame, name, ...placeOf(caller, found) }] : [innermost]
}

function placeOf(row: LineRow, found: SourceLines): { file: string; line: number; column: number } {
  return { file: fileOf(row, found), line: row.line, column: row.column }
}

/** Of a file that is not in the workspace: `<NAME>`. Where it is on the machine is nobody else's business. */
function fileOf(row: LineRow, { lines, folder, workspace }: SourceLines): string {
  const source = lines.sourceOf(row)
  if (isLibrary(source)) return source
  const within = relative(workspace, source)
  if (within.startsWith('..') || isAbsolute(within)) return `<${basename(source)}>`
  return relative(folder, source).split(sep).join('/')
}
