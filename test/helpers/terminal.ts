// The command line on a real terminal, with somebody who reads what it shows and presses keys. The terminal is that of
// script(1), which every Linux and macOS has.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { undoAfter } from './undo.ts'
import { until } from './until.ts'
import { cliPath } from './wasmate.ts'

export const keys = { enter: '\r', interrupt: '\x03', endOfInput: '\x04', backspace: '\x7f' }

export interface Terminal {
  /** Waits for words that were not waited for yet. */
  sees(words: string): Promise<void>
  press(text: string): void
  /** Waits until it has ended. */
  end(): Promise<Ended>
}

export interface Ended {
  code: number
  shown: string
  /** Whether what is typed is shown again, lines are put together, and Ctrl-C interrupts. */
  isSane: boolean
}

export interface TerminalOptions {
  cwd: string
  env?: Record<string, string>
}

export function openTerminal(t: TestContext, args: string[], { cwd, env }: TerminalOptions): Terminal {
  const [program, options] = scriptOf(inShell([process.execPath, cliPath, ...args]))
  const child = spawn(program, options, {
    ...{ cwd, stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TERM: 'xterm', ...env } },
  })
  const closed = once(child, 'close')
  undoAfter(t, () => void child.kill('SIGHUP'))
  let shown = ''
  let read = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
  const sees = async (words: string): Promise<void> => {
    await until(async () => shown.includes(words, read), `"${words}" after ${shown}`)
    read = shown.indexOf(words, read) + words.length
  }
  return {
    sees,
    press: (text) => void child.stdin.write(text),
    end: async () => {
      await closed
      const [, code = ''] = /^ended with (\d+)\r?$/m.exec(shown) ?? []
      const modes = shown.split(/\s+/)
      return {
        code: Number(code),
        shown,
        isSane: ['echo', 'icanon', 'isig'].every((mode) => modes.includes(mode)),
      }
    },
  }
}

/** A shell runs it, and says what it ended with and how it left the terminal. */
function inShell(command: string[]): string {
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  return `stty rows 60 cols 200; trap : INT; ${quoted}; printf '\\nended with %s\\n' $?; stty -a`
}

/** util-linux's, or that of macOS. */
function scriptOf(command: string): [string, string[]] {
  if (process.platform === 'darwin') return ['script', ['-q', '/dev/null', '/bin/sh', '-c', command]]
  return ['script', ['--quiet', '--flush', '--echo', 'always', '--command', command, '/dev/null']]
}
