// Questions on a terminal. What is secret is not shown while it is typed.

import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { WasmateError } from '../../base/errors.ts'
import type { Session } from '../session.ts'

/** Who is asked has to see the question, too. */
export function canAsk({ output }: Session): boolean {
  return !output.json && process.stdin.isTTY && process.stderr.isTTY
}

/** Throws CANCELLED. */
export async function ask(question: string, { signal, output }: Session): Promise<string> {
  output.clear()
  return (await readLine({ question, echo: process.stderr, signal })).trim()
}

/** Throws CANCELLED. */
export async function askSecretly(question: string, { signal, output }: Session): Promise<string> {
  output.clear()
  const echo = new Writable({ write: (_chunk, _encoding, done) => done() })
  const show = (): unknown => process.stderr.write(question)
  try {
    return await readLine({ question: '', echo, signal }, show)
  } finally {
    process.stderr.write('\n')
  }
}

interface Reading {
  question: string
  echo: NodeJS.WritableStream
  signal: AbortSignal
}

/** `onReady`: from then on the terminal shows nothing by itself. */
async function readLine({ question, echo, signal }: Reading, onReady?: () => unknown): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: echo, terminal: true })
  // Nor does it send a signal for Ctrl-C any more: readline closes then, and answers nobody.
  const closed = new Promise<never>((_resolve, reject) => {
    terminal.once('close', () => reject(new WasmateError('CANCELLED')))
  })
  try {
    onReady?.()
    return await Promise.race([terminal.question(question, { signal }), closed])
  } finally {
    terminal.close()
  }
}
