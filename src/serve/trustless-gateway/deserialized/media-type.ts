// Content-Type of a file: by its name, or else by its first bytes (path gateway, section "Content-Type").

import mime from 'mime'

/** What is read of a file without a telling name. */
export const sniffedBytes = 512

/** JSON is only known for what it is when all of it is read. */
export const maxJsonBytes = 65_536

export function typeByName(name: string): string | undefined {
  const type = mime.getType(name)
  if (type === null) return undefined
  // A page may say in itself which charset it has; other text is UTF-8, or has no better guess.
  return type.startsWith('text/') && type !== 'text/html' ? `${type}; charset=utf-8` : type
}

const magic: [bytes: string, type: string][] = [
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['\xff\xd8\xff', 'image/jpeg'],
  ['GIF8', 'image/gif'],
  ['%PDF-', 'application/pdf'],
  ['\0asm', 'application/wasm'],
  ['PK\x03\x04', 'application/zip'],
  ['\x1f\x8b', 'application/gzip'],
]

/** `head` is the beginning of the file, or all of it. */
export function typeByBytes(head: Uint8Array, isWhole: boolean): string {
  const start = Buffer.from(head.subarray(0, sniffedBytes)).toString('latin1')
  const known = magic.find(([bytes]) => start.startsWith(bytes))
  if (known) return known[1]
  const text = decodeText(head)
  if (text === undefined) return 'application/octet-stream'
  if (/^\s*<(!doctype html|html|head|body)[\s>]/i.test(text)) return 'text/html'
  if (/^\s*(<\?xml[^>]*>\s*)?<svg[\s>]/i.test(text)) return 'image/svg+xml'
  if (isWhole && isJson(text)) return 'application/json'
  return 'text/plain; charset=utf-8'
}

export function looksLikeJson(head: Uint8Array): boolean {
  return /^\s*[[{"]/.test(Buffer.from(head).toString('latin1'))
}

function isJson(text: string): boolean {
  if (!/^\s*[[{"]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    // Text that only begins like it.
    return false
  }
}

/** `undefined` for what is not UTF-8 or has control characters that text has not. */
function decodeText(bytes: Uint8Array): string | undefined {
  try {
    // A character that is cut at the end is no error.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}
