// Images by their first bytes, shown from a blob: what an SVG says is drawn, and no script of it runs in an <img>.

import type { Texts } from '../texts.ts'
import { fill, make } from './dom.ts'

export interface Picture {
  type: string
  name: string
  bytes: Uint8Array<ArrayBuffer>
}

const signatures: { type: string; name: string; at: [number, string][] }[] = [
  { type: 'image/png', name: 'PNG', at: [[0, '\x89PNG\r\n\x1a\n']] },
  { type: 'image/jpeg', name: 'JPEG', at: [[0, '\xff\xd8\xff']] },
  { type: 'image/gif', name: 'GIF', at: [[0, 'GIF8']] },
  {
    ...{ type: 'image/webp', name: 'WebP' },
    at: [
      [0, 'RIFF'],
      [8, 'WEBP'],
    ],
  },
]

export function findPicture(bytes: Uint8Array<ArrayBuffer>, text: string): Picture | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 16))
  const found = signatures.find(({ at }) => at.every(([offset, words]) => start.startsWith(words, offset)))
  if (found) return { type: found.type, name: found.name, bytes }
  const isSvg = /^\ufeff?\s*(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(
    text,
  )
  return isSvg ? { type: 'image/svg+xml', name: 'SVG', bytes } : undefined
}

/** The blob is let go once the image is read, or can't be. */
export function showPicture({ type, name, bytes }: Picture, texts: Texts): HTMLElement {
  const url = URL.createObjectURL(new Blob([bytes], { type }))
  const caption = make('figcaption', {}, name)
  const image = make('img', {
    src: url,
    alt: name,
    load: () => {
      const { naturalWidth: width, naturalHeight: height } = image
      caption.textContent = fill(texts.imageOf, name, `${width} × ${height}`)
      image.alt = caption.textContent
      URL.revokeObjectURL(url)
    },
    error: () => {
      image.remove()
      caption.textContent = texts.notImage
      URL.revokeObjectURL(url)
    },
  })
  return make('figure', {}, image, caption)
}
