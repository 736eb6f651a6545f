// Bytes in rows of sixteen: where they are, their hex digits, and those that are ASCII as characters.

import type { Texts } from '../texts.ts'
import { fill, make } from './dom.ts'

const perRow = 16
const maxRows = 1024

export function showHex(bytes: Uint8Array, texts: Texts): HTMLElement[] {
  const rows: string[] = []
  for (let at = 0; at < bytes.length && rows.length < maxRows; at += perRow) {
    rows.push(formatRow(at, bytes.subarray(at, at + perRow)))
  }
  const shown = rows.length * perRow
  const note = bytes.length > shown && fill(texts.cutHere, fill(texts.bytes, shown))
  return [
    ...(note ? [make('p', { class: 'note' }, note)] : []),
    make('pre', { tabindex: 0, class: 'hex' }, rows.join('\n')),
  ]
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function formatRow(at: number, bytes: Uint8Array): string {
  const digits = Array.from({ length: perRow }, (_, index) => {
    const byte = bytes[index]
    return byte === undefined ? '  ' : byte.toString(16).padStart(2, '0')
  })
  const halves = [digits.slice(0, 8).join(' '), digits.slice(8).join(' ')]
  const characters = Array.from(bytes, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·'))
  return `${at.toString(16).padStart(8, '0')}  ${halves.join('  ')}  ${characters.join('')}`
}
