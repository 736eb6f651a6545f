// Input or output, as text, JSON, hex digits or an image; how is guessed until a person chooses.

import { type Format, type Side, formats } from '../messages.ts'
import { button, fill, make, rove } from './dom.ts'
import { showHex, toHex } from './hex.ts'
import { type Picture, findPicture, showPicture } from './image.ts'
import { showJson } from './json.ts'
import type { Scene } from './page.ts'

interface Body {
  bytes: Uint8Array<ArrayBuffer>
  text: string
  isText: boolean
  /** Undefined when it is none; JSON's own `undefined` does not exist. */
  json: { value: unknown } | undefined
  picture: Picture | undefined
}

export function showBody(scene: Scene, side: Side): HTMLElement[] {
  const { record, texts } = scene
  const kept = record[side]
  if (!kept) return [make('p', { class: 'empty' }, texts.noOutput)]
  if (kept.size === 0) return [make('p', { class: 'empty' }, texts.noBytes)]
  const body = readBody(kept.base64)
  const content = make('div', { class: 'body' })
  const render = (format: Format): void => content.replaceChildren(...renderAs(format, body, scene))
  const format = choiceOf(scene, side, body)
  render(format)
  const cut = body.bytes.length < kept.size && fill(texts.cut, body.bytes.length, kept.size)
  return [
    showChooser(scene, { side, body, format, size: kept.size }, render),
    ...(cut ? [make('p', { class: 'note' }, cut)] : []),
    content,
  ]
}

interface Chooser {
  side: Side
  body: Body
  format: Format
  size: number
}

/** A radio group: what can't be is not offered. */
function showChooser(
  scene: Scene,
  { side, body, format, size }: Chooser,
  render: (format: Format) => void,
): HTMLElement {
  const { texts, send, say } = scene
  let chosen = format
  const choose = (next: Format): void => {
    chosen = next
    for (const item of items) item.setAttribute('aria-checked', `${item.dataset['format'] === next}`)
    scene.choices = { ...scene.choices, [side]: next }
    scene.save()
    send({ type: 'choose', side, format: next })
    render(next)
  }
  const items = formats
    .filter((each) => isPossible(each, body))
    .map((each) =>
      button(texts[each], () => choose(each), {
        ...{ role: 'radio', id: `as-${each}`, 'data-format': each, 'aria-checked': `${each === format}` },
      }),
    )
  const toFormat = (item: HTMLElement): Format =>
    formats.find((each) => each === item.dataset['format']) ?? 'text'
  rove(
    items,
    items.find((item) => item.dataset['format'] === format),
    (item) => choose(toFormat(item)),
  )
  const copy = (): void => {
    send({ type: 'copy', text: toCopied(chosen, body) })
    say(texts.copied)
  }
  return make(
    'div',
    { class: 'chooser' },
    make('div', { role: 'radiogroup', 'aria-label': texts.shownAs, class: 'segments' }, ...items),
    make('span', { class: 'size' }, size === 1 ? texts.oneByte : fill(texts.bytes, size)),
    button(texts.copy, copy, { id: `copy-${side}` }),
    side === 'input' && button(texts.save, () => send({ type: 'save', side }), { id: 'save-input' }),
  )
}

function isPossible(format: Format, { json, picture }: Body): boolean {
  if (format === 'json') return json !== undefined
  return format !== 'image' || picture !== undefined
}

function choiceOf({ choices }: Scene, side: Side, body: Body): Format {
  const chosen = choices[side]
  if (chosen && isPossible(chosen, body)) return chosen
  if (body.picture) return 'image'
  // A number or a word alone is JSON too, and reads as well as text.
  if (typeof body.json?.value === 'object' && body.json.value !== null) return 'json'
  return body.isText ? 'text' : 'hex'
}

function renderAs(format: Format, { bytes, text, isText, json, picture }: Body, scene: Scene): HTMLElement[] {
  const { texts } = scene
  if (format === 'image' && picture) return [showPicture(picture, texts)]
  if (format === 'json' && json) return showJson(json.value, texts)
  if (format === 'hex') return showHex(bytes, texts)
  const note = isText ? [] : [make('p', { class: 'note' }, texts.notText)]
  return [...note, make('pre', { tabindex: 0, class: 'text' }, text)]
}

function toCopied(format: Format, { bytes, text, json }: Body): string {
  if (format === 'hex') return toHex(bytes)
  return format === 'json' && json ? JSON.stringify(json.value, undefined, 2) : text
}

function readBody(base64: string): Body {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const isText = !/[\0\ufffd]/.test(text)
  return {
    bytes,
    text,
    isText,
    json: isText ? parseJson(text) : undefined,
    picture: findPicture(bytes, text),
  }
}

function parseJson(text: string): Body['json'] {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}
