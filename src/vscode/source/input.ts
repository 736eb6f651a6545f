// What a function is called with, in the form a person gave it; and which inputs an export was called with before.

import { type Memento, Uri, l10n, workspace } from 'vscode'
import { WasmateError } from '../../base/errors.ts'

export const inputKinds = ['text', 'json', 'hex', 'file'] as const
export type InputKind = (typeof inputKinds)[number]

export interface Input {
  kind: InputKind
  /** The text, the JSON, the hex digits, or the path of the file: that is read anew at each call. */
  value: string
}

export const noInput: Input = { kind: 'text', value: '' }

export function isInput(value: unknown): value is Input {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('value' in value)) return false
  return inputKinds.some((kind) => kind === value.kind) && typeof value.value === 'string'
}

/** Why it can't be what it says that it is. */
export function checkInput({ kind, value }: Input): string | undefined {
  if (kind === 'json') {
    try {
      JSON.parse(value)
    } catch (error) {
      return l10n.t('Not JSON: {0}', error instanceof Error ? error.message : String(error))
    }
  }
  if (kind !== 'hex') return undefined
  const digits = value.replace(/^0x|\s/g, '')
  if (!/^[0-9a-f]*$/i.test(digits)) return l10n.t('Not hex: two digits of 0-9 and a-f are a byte.')
  return digits.length % 2 === 0 ? undefined : l10n.t('Half a byte is left over: two digits are a byte.')
}

/** Throws INPUT_INVALID. */
export async function readInput(input: Input): Promise<Uint8Array> {
  const wrong = checkInput(input)
  if (wrong !== undefined) throw new WasmateError('INPUT_INVALID', wrong)
  const { kind, value } = input
  if (kind === 'hex') return Buffer.from(value.replace(/^0x|\s/g, ''), 'hex')
  if (kind !== 'file') return Buffer.from(value)
  try {
    return await workspace.fs.readFile(Uri.file(value))
  } catch (error) {
    throw new WasmateError('INPUT_INVALID', l10n.t('{0} can not be read', value), { cause: error })
  }
}

interface Kept {
  /** Newest first. */
  inputs: Input[]
}

const mostInputs = 10
/** Longer ones are for a file. */
const mostCharacters = 100_000

/** By function and export, in this workspace's own store of the editor. */
export class RememberedInputs {
  readonly #store: Memento

  constructor(store: Memento) {
    this.#store = store
  }

  /** Newest first. */
  list(target: string, exported: string | undefined): Input[] {
    const kept = this.#store.get<Kept>(keyOf(target, exported))
    return (kept?.inputs ?? []).filter(isInput)
  }

  /** The export that was called last, `undefined` for the default one. */
  lastExport(target: string): string | undefined {
    return this.#store.get<string>(lastKeyOf(target))
  }

  async remember(target: string, exported: string | undefined, input: Input): Promise<void> {
    await this.#store.update(lastKeyOf(target), exported)
    if (input.value.length > mostCharacters) return
    const isSame = (other: Input): boolean => other.kind === input.kind && other.value === input.value
    const others = this.list(target, exported).filter((other) => !isSame(other))
    await this.#store.update(keyOf(target, exported), { inputs: [input, ...others].slice(0, mostInputs) })
  }
}

function keyOf(target: string, exported = ''): string {
  return `inputs ${JSON.stringify([target, exported])}`
}

function lastKeyOf(target: string): string {
  return `last export ${target}`
}
