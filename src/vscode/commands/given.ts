// What a command is called with: a line of a view, a code lens, another program, or nothing.

import { Uri } from 'vscode'

/** Only what was given in the right form; the rest of a view's line is not ours. */
export interface Given {
  name?: string
  /** Of a function's folder, or of a ready module. */
  path?: string
  cid?: string
  version?: number
  language?: string
  template?: string
  /** Address of an account. */
  to?: string
  address?: string
  network?: string
  service?: string
  /** Path of a file to write. */
  file?: string
  /** Path of the folder that something is made in, or whose emulator is meant. */
  folder?: string
  /** The question was asked already, and answered with yes. */
  confirmed?: boolean
  attest?: boolean
  piece?: boolean
  upload?: boolean
}

const kinds: Record<keyof Given, 'string' | 'number' | 'boolean'> = {
  name: 'string',
  path: 'string',
  cid: 'string',
  version: 'number',
  language: 'string',
  template: 'string',
  to: 'string',
  address: 'string',
  network: 'string',
  service: 'string',
  file: 'string',
  folder: 'string',
  confirmed: 'boolean',
  attest: 'boolean',
  piece: 'boolean',
  upload: 'boolean',
}

/** Text alone is a name. */
export function readGiven(value: unknown): Given {
  if (typeof value === 'string') return { name: value }
  if (typeof value !== 'object' || value === null) return {}
  const folder = 'folder' in value && value.folder instanceof Uri ? { folder: value.folder.fsPath } : {}
  const known = Object.entries(kinds).flatMap(([key, kind]) => {
    const found: unknown = (value as Record<string, unknown>)[key]
    return typeof found === kind ? [[key, found]] : []
  })
  return { ...(Object.fromEntries(known) as Given), ...folder }
}
