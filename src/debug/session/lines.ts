// Between places in sources and offsets in the module.

import { normalize } from 'node:path'
import type { DebugFunction, DebugInfo, LineRow } from '../../debug-info.ts'

/** In a library: shown, and stepped past. */
export function isLibrary(source: string): boolean {
  return source.startsWith('~lib/')
}

export interface Bound {
  /** Where code is: the line that was asked for, or the next that has some. */
  line: number
  /** One for each function that has code of that line: one source can be in several. */
  offsets: number[]
}

export class Lines {
  readonly info: DebugInfo
  readonly #sources = new Map<string, number>()

  constructor(info: DebugInfo) {
    this.info = info
    for (const [place, path] of info.sources.entries()) this.#sources.set(keyOf(path), place)
  }

  functionAt(offset: number): DebugFunction | undefined {
    const found = this.info.functions[lastAtOrBefore(this.info.functions, offset, ({ start }) => start)]
    return found && offset < found.end ? found : undefined
  }

  /** `undefined` where no line stands for the code. */
  rowAt(offset: number): LineRow | undefined {
    const row = this.info.rows[lastAtOrBefore(this.info.rows, offset, (each) => each.offset)]
    return row && row.line > 0 ? row : undefined
  }

  /** The same, and for code without a line that of what comes before it in its function; of the rows that are meant. */
  nearestRowAt(offset: number, isMeant: (row: LineRow) => boolean = () => true): LineRow | undefined {
    const start = this.functionAt(offset)?.start ?? offset
    for (let at = lastAtOrBefore(this.info.rows, offset, (each) => each.offset); at >= 0; at--) {
      const row = this.info.rows[at]
      if (!row || row.offset < start) return undefined
      if (row.line > 0 && isMeant(row)) return row
    }
    return undefined
  }

  sourceOf({ source }: LineRow): string {
    return this.info.sources[source] ?? ''
  }

  has(path: string): boolean {
    return this.#sources.has(keyOf(path))
  }

  /** `undefined` when neither this line nor one after it has code. */
  bind(path: string, line: number): Bound | undefined {
    const source = this.#sources.get(keyOf(path))
    const rows = this.info.rows.filter((row) => row.source === source && row.line >= Math.max(1, line))
    const first = rows.reduce((least, row) => Math.min(least, row.line), Infinity)
    const offsets = new Map<DebugFunction, number>()
    for (const row of rows) {
      const found = row.line === first ? this.functionAt(row.offset) : undefined
      if (!found) continue
      const offset = Math.max(row.offset, found.body)
      offsets.set(found, Math.min(offset, offsets.get(found) ?? Infinity))
    }
    return offsets.size === 0 ? undefined : { line: first, offsets: [...offsets.values()] }
  }

  /** All code of the line that is at the offset, in its function: a step passes it. */
  lineRanges(offset: number): [start: number, end: number][] {
    const within = this.functionAt(offset)
    const line = this.nearestRowAt(offset)
    if (!within || !line) return []
    const ranges: [start: number, end: number][] = []
    for (const { row, end } of this.#rowsIn(within)) {
      const isSame = row.line === 0 || (row.line === line.line && row.source === line.source)
      if (!isSame || end <= row.offset) continue
      const last = ranges.at(-1)
      // V8 takes no two that touch.
      if (last?.[1] === row.offset) last[1] = end
      else ranges.push([row.offset, end])
    }
    return ranges
  }

  /** Nothing of it is of a source that is here. */
  isForeign(within: DebugFunction): boolean {
    for (const { row } of this.#rowsIn(within)) {
      if (row.line > 0 && !isLibrary(this.sourceOf(row))) return false
    }
    return true
  }

  /** Each with where it ends. */
  *#rowsIn({ start, end }: DebugFunction): Generator<{ row: LineRow; end: number }> {
    const { rows } = this.info
    for (let at = lastAtOrBefore(rows, start - 1, ({ offset }) => offset) + 1; at < rows.length; at++) {
      const row = rows[at]
      if (!row || row.offset >= end) return
      yield { row, end: Math.min(rows[at + 1]?.offset ?? end, end) }
    }
  }
}

/** Paths of Windows are one in any case. */
function keyOf(path: string): string {
  const plain = path.startsWith('~') ? path : normalize(path)
  return process.platform === 'win32' ? plain.toLowerCase() : plain
}

/** -1 when all come after it. */
function lastAtOrBefore<T>(sorted: readonly T[], offset: number, of: (each: T) => number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const each = sorted[middle]
    if (each !== undefined && of(each) <= offset) low = middle + 1
    else high = middle
  }
  return low - 1
}
