// A call of the host as it is written down, compared and shown: nothing secret, and in the same words on both sides.

import { createHash } from 'node:crypto'
import { redactUrl, redactValues, withoutSecrets } from '../../base/secrets.ts'
import type { HostEvent, RecordedRequest } from '../../recording.ts'
import type { HttpRequest } from '../messages.ts'
import type { HostContext } from '../guest/host-functions.ts'

/** `secrets` are taken out wherever they stand. */
export function recordRequest(request: HttpRequest, secrets: readonly string[]): RecordedRequest {
  const { method, url, headers, body } = request
  const kept = Object.entries(redactValues(headers)).map(([name, value]): [string, string] => [
    name,
    withoutSecrets(value, secrets),
  ])
  return {
    method,
    url: withoutSecrets(redactUrl(url), secrets),
    headers: Object.fromEntries(kept),
    ...(body && { body: digestOf(body, secrets) }),
  }
}

function digestOf(body: Uint8Array, secrets: readonly string[]): RecordedRequest['body'] {
  // As latin1 each byte is a character, so what is no text stays what it is.
  const text = Buffer.from(body).toString('latin1')
  const kept = withoutSecrets(
    text,
    secrets.map((secret) => Buffer.from(secret).toString('latin1')),
  )
  const sha256 = createHash('sha256').update(Buffer.from(kept, 'latin1')).digest('hex')
  return { size: kept.length, sha256 }
}

/** Numbers as text, blocks as their bytes. */
export function recordArguments(
  context: HostContext,
  numbers: readonly (number | bigint)[],
): (string | Uint8Array)[] {
  return numbers.map((number) => {
    const block = typeof number === 'bigint' ? context.read(number) : null
    return block ? block.bytes() : formatNumber(number)
  })
}

export function formatNumber(number: number | bigint): string {
  if (Object.is(number, -0)) return '-0'
  return typeof number === 'bigint' ? `${number}n` : `${number}`
}

export function parseNumber(text: string): number | bigint {
  return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text)
}

const maxShown = 160

/** What was asked, in short. Two calls that are not the same may have the same words: sizes tell them apart mostly. */
export function describeEvent(event: HostEvent): string {
  const words = wordsOf(event)
  return words.length > maxShown ? `${words.slice(0, maxShown - 1)}…` : words
}

function wordsOf(event: HostEvent): string {
  switch (event.call) {
    case 'clock':
      return `clock ${event.id}`
    case 'random':
      return `random, ${event.bytes.length} bytes`
    case 'config':
      return `config_get ${event.key}`
    case 'var-get':
      return `var_get ${event.key}`
    case 'var-set':
      return `var_set ${event.key} = ${event.value ? describeBytes(event.value) : '(removed)'}`
    case 'http':
      return describeRequest(event.request)
    case 'function':
      return `${event.name}(${event.asked.map((each) => (typeof each === 'string' ? each : describeBytes(each))).join(', ')})`
  }
}

function describeRequest({ method, url, headers, body }: RecordedRequest): string {
  const names = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const carried = body ? [`${body.size} bytes ${body.sha256.slice(0, 12)}`] : []
  return [`http_request ${method} ${url}`, ...names, ...carried].join(', ')
}

function describeBytes(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, maxShown))
  return /[\0\ufffd]/.test(text.slice(0, -1)) ? `${bytes.length} bytes` : JSON.stringify(text)
}

/** What of a call has to be the same again: all but what it was answered. */
export function isSameAsked(one: HostEvent, other: HostEvent): boolean {
  return JSON.stringify(askedOf(one)) === JSON.stringify(askedOf(other))
}

function askedOf(event: HostEvent): unknown[] {
  const bytes = (value: Uint8Array): string => Buffer.from(value).toString('base64')
  switch (event.call) {
    case 'clock':
      return ['clock', event.id]
    case 'random':
      return ['random', event.bytes.length]
    case 'config':
    case 'var-get':
      return [event.call, event.key]
    case 'var-set':
      return ['var-set', event.key, event.value && bytes(event.value)]
    case 'http': {
      const { method, url, headers, body } = event.request
      return ['http', method, url, Object.entries(headers).sort(), body?.size, body?.sha256]
    }
    case 'function':
      return [
        ...['function', event.module, event.name],
        ...event.asked.map((each) => (typeof each === 'string' ? each : [bytes(each)])),
      ]
  }
}
