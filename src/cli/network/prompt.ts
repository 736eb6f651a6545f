// Questions on a terminal. What is secret is not shown while it is typed.

import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Session } from '../session.ts'

export function canAsk({ output }: Session): boolean {
  return !output.json && process.stdin.isTTY
}

export function ask(question: string, { signal }: Session): Promise<string> {
  return answerTo(question, process.stderr, signal)
}

export async function askSecretly(question: string, { signal }: Session): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    return await answerTo('', nowhere, signal)
  } finally {
    process.stderr.write('\n')
  }
}

async function answerTo(
  question: string,
  output: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output, terminal: true })
  try {
    return (await terminal.question(question, { signal })).trim()
  } finally {
    terminal.close()
  }
}
