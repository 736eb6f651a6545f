// What the CLI prints: lines for people, or one JSON object a line with --json. Results go to stdout,
// everything else to stderr, so that a pipe gets results alone.

import { type Problem, systemCode, toProblem, toWasmateError } from '../base/errors.ts'
import { printable, printableLine } from '../base/printable.ts'
import type { Progress } from '../model.ts'

export interface Output {
  readonly json: boolean
  /** A result: `text` for people, `value` for --json. */
  readonly result: (value: unknown, text: string) => void
  /** Raw bytes of an answer, for people. */
  readonly bytes: (bytes: Uint8Array) => void
  /** Something worth a line while work goes on; silent with --json. */
  readonly note: (text: string) => void
  /** Silent with --json. */
  readonly progress: (progress: Progress) => void
  /** Before a question is asked: no progress is written over it. */
  readonly clear: () => void
  readonly problem: (problem: Problem) => void
}

/** A terminal's line is written over as it goes; elsewhere a line now and then shows that work goes on. */
const progressAfterMs = 300
const progressEveryMs = 5_000

export function createOutput(json: boolean): Output {
  const terminal = !json && process.stderr.isTTY
  const afterMs = terminal ? progressAfterMs : progressEveryMs
  let isLineOpen = false
  let saidAt = performance.now()
  let waiting: NodeJS.Timeout | undefined
  const clear = (): void => {
    clearTimeout(waiting)
    if (isLineOpen) process.stderr.write('\r\x1b[K')
    isLineOpen = false
    saidAt = performance.now()
  }
  const print = (text: string | Uint8Array): void => {
    clear()
    process.stdout.write(text)
  }
  const note = (text: string): void => {
    clear()
    if (!json) process.stderr.write(`${text}\n`)
  }
  const tell = (progress: Progress): void => {
    if (!terminal) return note(describeProgress(progress))
    process.stderr.write(`\r\x1b[K${describeProgress(progress)}`)
    isLineOpen = true
  }
  return {
    json,
    result: (value, text) => print(json ? `${JSON.stringify(value)}\n` : `${text}\n`),
    bytes: print,
    note,
    clear,
    progress: (progress) => {
      // What is over in a moment is not worth a line; what nothing more is told of, but goes on, is.
      clearTimeout(waiting)
      const leftMs = afterMs - (performance.now() - saidAt)
      if (leftMs <= 0) tell(progress)
      else waiting = setTimeout(tell, leftMs, progress).unref()
    },
    problem: (problem) => {
      if (json) print(`${JSON.stringify({ error: problem })}\n`)
      else
        note(
          [
            `error ${problem.code}: ${readable(problem.detail)}`,
            ...describeStack(problem),
            ...(problem.receipt === undefined ? [] : [`  receipt: ${printable(problem.receipt)}`]),
            `  next: ${problem.next}`,
          ].join('\n'),
        )
    },
  }
}

/** `at add (index.ts:12:5)`, innermost first. */
export function describeStack({ callStack }: Pick<Problem, 'callStack'>): string[] {
  if (!callStack) return []
  const { frames, linesMissing } = callStack
  const lines = frames.map(({ name, file, line, column, offset }) => {
    const place =
      file === undefined ? `0x${offset.toString(16)}` : `${file}:${line}${column ? `:${column}` : ''}`
    return `  at ${printableLine(name)} (${printableLine(place)})`
  })
  return linesMissing === undefined ? lines : [...lines, `  no lines: ${printable(linesMissing, Infinity)}`]
}

/** Some of it is what a chain, a gateway or a compiler said: nothing of that may move the cursor. Tabs stay. */
function readable(text: string): string {
  const parts = text.split('\t').map((part) => printable(part, Infinity))
  return parts.join('\t')
}

export function describeProgress({ doing, fraction }: Progress): string {
  const words = printable(doing)
  return fraction === undefined ? words : `${words} (${Math.floor(fraction * 100)} %)`
}

/** Where it goes nobody reads (`| head`, a closed terminal): that is an end, in order; a verb that runs then stops. */
const unread = new Set(['EPIPE', 'EIO'])

/** What can't be written, as on a full disk, is no success. */
export function tellUnwritten(): void {
  const { stdout, stderr } = process
  stderr.on('error', () => undefined)
  stdout.on('error', (error: Error) => {
    if (unread.has(systemCode(error) ?? '')) return
    process.exitCode = 3
    stderr.write(`error: not all of it could be written: ${error.message}\n`)
  })
}

/** 0 done, 1 the person's to mend, 2 wrong usage, 3 this machine's, 70 ours, 130 cancelled (sysexits.h, shells). */
export function exitCode(error: unknown): number {
  const { code, fault } = toWasmateError(error)
  if (code === 'CANCELLED') return 130
  return { user: 1, environment: 3, ours: 70 }[fault]
}

export function failWith(output: Output, error: unknown): void {
  output.problem(toProblem(error))
  process.exitCode = exitCode(error)
}
