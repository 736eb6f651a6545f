// The commands of the palette, run with nothing in hand: every question that they ask is given up, and what they say is
// kept.

import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { commands, extensions, window } from 'vscode'

export interface Said {
  /** Titles of lists, boxes and dialogs, and modal questions. */
  asked: string[]
  /** Errors, warnings and notes, each with its buttons. */
  told: { words: string; buttons: string[] }[]
}

interface Contributions {
  commands: { command: string }[]
  menus: { commandPalette: { command: string; when: string }[] }
}

/** Those that a person finds there in some window. */
export function paletteCommands(): string[] {
  const extension = extensions.getExtension('wasmate.wasmate') ?? assert.fail()
  const { contributes } = extension.packageJSON as { contributes: Contributions }
  const hidden = contributes.menus.commandPalette.filter(({ when }) => when === 'false')
  return contributes.commands
    .map(({ command }) => command)
    .filter((id) => !hidden.some(({ command }) => command === id))
}

/** More than any of them takes to come to its first question. */
const patienceMs = 60_000

const questions = [
  ...(['showQuickPick', 'showInputBox', 'showOpenDialog', 'showSaveDialog'] as const),
  'showWorkspaceFolderPick',
] as const
const messages = ['showErrorMessage', 'showWarningMessage', 'showInformationMessage'] as const

interface Options {
  title?: string
  placeHolder?: string
  prompt?: string
  modal?: boolean
}

export async function giveUp(id: string): Promise<Said> {
  const said: Said = { asked: [], told: [] }
  const own = window as unknown as Record<string, (...given: unknown[]) => Promise<undefined>>
  const before = new Map([...questions, ...messages].map((name) => [name, own[name]]))
  for (const name of questions) {
    own[name] = async (...given) => {
      const options = given.findLast(
        (each): each is Options => typeof each === 'object' && !Array.isArray(each),
      )
      said.asked.push(options?.title ?? options?.placeHolder ?? options?.prompt ?? name)
      return undefined
    }
  }
  for (const name of messages) {
    own[name] = async (words, ...rest) => {
      const [first] = rest
      if (typeof first === 'object' && (first as Options).modal) said.asked.push(String(words))
      else said.told.push({ words: String(words), buttons: rest.filter((each) => typeof each === 'string') })
      return undefined
    }
  }
  try {
    const late = Symbol('late')
    const over = await Promise.race([commands.executeCommand(id), pause(patienceMs, late)])
    assert.notEqual(over, late, `${id} does not end`)
  } finally {
    for (const [name, work] of before) if (work) own[name] = work
  }
  return said
}

/** What nobody can do anything with. */
export const unclear = /command '.*' not found|went wrong in Wasmate|undefined|\[object|TypeError/i
