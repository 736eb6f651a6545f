// A modal question before what can't be taken back.

import { window } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import type { Given } from './given.ts'

export interface Question {
  question: string
  detail: string
  /** What the button says. */
  yes: string
}

/** Throws CANCELLED unless the answer is yes. */
export async function confirm({ confirmed }: Given, { question, detail, yes }: Question): Promise<void> {
  if (confirmed) return
  const answer = await window.showWarningMessage(question, { modal: true, detail }, yes)
  if (answer !== yes) throw new WasmateError('CANCELLED')
}
