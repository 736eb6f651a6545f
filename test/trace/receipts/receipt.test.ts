// A receipt as a block: bytes that DAG-JSON's own codec gives as well, no secrets, a limited size.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as dagJson from '@ipld/dag-json'
import { CID } from 'multiformats/cid'
import type { HostEvent } from '../../../src/recording.ts'
import { encodeDagJson } from '../../../src/trace/receipts/dag-json.ts'
import { decodeReceipt, encodeReceipt } from '../../../src/trace/receipts/receipt.ts'
import { type Execution, writeReceipt } from '../../../src/trace/receipts/write.ts'

const module = 'bafkreia6ke6lq24qhqwbblqhwlh4257g2y7j4fiv5xz6i3dqilpcyrrcni'
const maxBytes = 64 * 1024

const events: HostEvent[] = [
  { call: 'clock', id: 0, ns: '1795988179985000000' },
  { call: 'random', bytes: Uint8Array.from([1, 2, 255]) },
  { call: 'config', key: '/' },
  { call: 'var-set', key: 'ü "quoted"', value: new Uint8Array() },
  { call: 'var-set', key: 'gone' },
  {
    call: 'http',
    request: { method: 'GET', url: 'http://x/', headers: { '/': 'slash', b: '2', a: '1' } },
    answer: { status: 200, headers: { '/': 'slash' }, body: Uint8Array.from([0]) },
  },
  {
    ...{ call: 'function', module: 'm', name: 'n', asked: ['1', Uint8Array.from([7])] },
    ...{ stored: [Uint8Array.from([8])], answer: '12n' },
  },
]

function execution(given: Partial<Execution> = {}): Execution {
  return {
    ...{ function: 'greet', version: 2, cid: module, export: 'run', at: 1_795_988_179_985 },
    input: Buffer.from('Ada'),
    options: {
      ...{ timeoutMs: 5_000, maxMemoryBytes: 1 << 24, allowedHosts: ['*.example'] },
      config: { apiKey: 'very secret', PASSWORD: 'secret too', greeting: 'hello', '/': 'slash' },
    },
    recording: {
      events,
      vars: { bytes: 12, read: [{ key: 'n', value: Uint8Array.from([49]) }, { key: 'm' }] },
      unfaithful: [],
      startMs: 1,
    },
    logs: [{ level: 'info', message: 'a line' }],
    outcome: { output: Buffer.from('Hello') },
    durationMs: 1.25,
    ...given,
  }
}

test('it is canonical DAG-JSON, and read back it is what it was', () => {
  const receipt = writeReceipt(execution(), maxBytes)
  const block = encodeReceipt(receipt)
  assert.equal(Buffer.from(block).toString(), Buffer.from(dagJson.encode(dagJson.decode(block))).toString())
  const again = decodeReceipt(block, 'it')
  assert.deepEqual(Buffer.from(encodeReceipt(again)), Buffer.from(block))
  assert.deepEqual(again.host, events)
  assert.ok(again.module.equals(CID.parse(module)))
})

test('what its name says is a secret is not in the block', () => {
  const text = Buffer.from(encodeReceipt(writeReceipt(execution(), maxBytes))).toString()
  assert.doesNotMatch(text, /secret/)
  assert.match(text, /\["apiKey","redacted"\],\["PASSWORD","redacted"\],\["greeting","hello"\]/)
})

test('a secret is taken out of what the function says too, and of a URL in its config', () => {
  const { options } = execution()
  const config = {
    apiKey: 'very secret',
    database: 'postgres://me:hunter2x@db/x?sslkey=hidden99',
    site: 'http://a',
  }
  const given = {
    options: { ...options, config },
    logs: [{ level: 'error' as const, message: 'no login with very secret, hunter2x' }],
    outcome: { problem: { code: 'CALL_FAILED' as const, detail: 'key very secret is refused' } },
  }
  const receipt = writeReceipt(execution(given), maxBytes)
  assert.doesNotMatch(Buffer.from(encodeReceipt(receipt)).toString(), /very secret|hunter2x|hidden99/)
  assert.equal(receipt.problem?.detail, 'key redacted is refused')
  assert.deepEqual(receipt.config[1], ['database', 'postgres://redacted:redacted@db/x?sslkey=redacted'])
  // What has nothing secret in it is not even written in another way.
  assert.deepEqual(receipt.config[2], ['site', 'http://a'])
})

test('it is no larger than it may be, whatever fills it', () => {
  const line = { level: 'info' as const, message: '\u0001é€"'.repeat(50) }
  const { recording, options } = execution()
  const set = { call: 'var-set' as const, key: '\u0001'.repeat(99), value: new Uint8Array(5) }
  const headers = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x-${index}`, '"']))
  const request = { method: 'GET', url: 'http://x/', headers }
  const large: Partial<Execution>[] = [
    { logs: Array.from({ length: 1_000 }, () => line) },
    { outcome: { problem: { code: 'CALL_FAILED', detail: '\n'.repeat(20_000) } }, logs: [line, line] },
    { recording: { ...recording, events: Array.from({ length: 95 }, () => set) } },
    {
      recording: {
        ...recording,
        events: Array.from({ length: 12 }, () => ({ call: 'http' as const, request })),
      },
    },
    { options: { ...options, config: { greeting: 'x'.repeat(40_000) } }, input: new Uint8Array(18_000) },
  ]
  for (const [index, given] of large.entries()) {
    const size = encodeReceipt(writeReceipt(execution(given), maxBytes)).length
    assert.ok(size <= maxBytes, `${index}: ${size}`)
    assert.ok(size > maxBytes / 2, `${index}: ${size}`)
  }
})

test('what is too large is left out, and said: of the input and the host, a replay needs it', () => {
  const large = new Uint8Array(16 * 1024 * 1024)
  const input = writeReceipt(execution({ input: large }), maxBytes)
  assert.ok(encodeReceipt(input).length < maxBytes)
  assert.deepEqual([input.faithful, input.input instanceof Uint8Array], [false, false])
  assert.match(input.unfaithful[0] ?? '', /16777216 bytes/)
  const output = writeReceipt(execution({ outcome: { output: large } }), maxBytes)
  assert.deepEqual([output.faithful, (output.output as { size: number }).size], [true, large.length])
  const { recording } = execution()
  const many = {
    ...recording,
    events: Array.from({ length: 1_000 }, () => ({ call: 'random' as const, bytes: new Uint8Array(99) })),
  }
  const host = writeReceipt(execution({ recording: many }), maxBytes)
  assert.deepEqual([host.faithful, host.host], [false, undefined])
  const logs = Array.from({ length: 1_000 }, () => ({ level: 'info' as const, message: 'x'.repeat(200) }))
  const told = writeReceipt(execution({ logs }), maxBytes)
  assert.ok(told.faithful && told.logs.length > 100 && encodeReceipt(told).length <= maxBytes)
})

test('a call that was cut says so; what a function said is kept as it said it', () => {
  const cut = writeReceipt(
    execution({ outcome: { problem: { code: 'CALL_TIMEOUT', detail: 'it ran for 5 ms' } } }),
    maxBytes,
  )
  assert.deepEqual([cut.faithful, cut.problem?.code], [false, 'CALL_TIMEOUT'])
  const deep = { code: 'CALL_TRAPPED' as const, detail: 'stack overflow in function 3 at 0x1f' }
  assert.match(writeReceipt(execution({ outcome: { problem: deep } }), maxBytes).unfaithful[0] ?? '', /V8/)
  const refused = writeReceipt(
    execution({ outcome: { problem: { code: 'CALL_FAILED', detail: 'no' } } }),
    maxBytes,
  )
  assert.deepEqual([refused.faithful, refused.problem?.detail], [true, 'no'])
})

test('of another format or shape it is refused', () => {
  const block = encodeReceipt(writeReceipt(execution(), maxBytes))
  const text = Buffer.from(block).toString()
  const code = (changed: string): unknown => {
    try {
      decodeReceipt(Buffer.from(changed), 'it')
      return undefined
    } catch (error) {
      return (error as { code?: string }).code
    }
  }
  assert.equal(code(text), undefined)
  assert.equal(code(text.replace('"format":1', '"format":7')), 'RECEIPT_NEWER')
  assert.equal(code(text.replace('"format":1', '"format":0')), 'RECEIPT_INVALID')
  assert.equal(code(text.replace('"call":"clock"', '"call":"clocks"')), 'RECEIPT_INVALID')
  assert.equal(code(text.slice(0, -1)), 'RECEIPT_INVALID')
  const wrong: Record<string, unknown>[] = [
    ...[{ durationMs: -5 }, { fuel: -1 }, { fuel: 1.5 }, { version: 0 }, { at: 9e15 }, { output: undefined }],
    { problem: { code: 'CALL_TRAPPED', detail: 'and an output' } },
  ]
  for (const each of wrong) {
    const changed = encodeDagJson({ ...(JSON.parse(text) as object), ...each })
    assert.equal(code(Buffer.from(changed).toString()), 'RECEIPT_INVALID', JSON.stringify(each))
  }
  // Other readers would take the other export.
  const twice = Buffer.from(text.replace('"export":', '"export":"other","export":'))
  assert.throws(() => decodeReceipt(twice, 'it'), { code: 'RECEIPT_INVALID', message: /canonical/ })
  const broken = Buffer.from(text.replace('"greet"', '"gr\xffet"'), 'latin1')
  assert.throws(() => decodeReceipt(broken, 'it'), { code: 'RECEIPT_INVALID' })
  for (const other of ['null', '7', '[]', '{}', '{"wasmate":"receipt"}', '{"/":"nonsense"}']) {
    assert.equal(code(other), 'RECEIPT_INVALID', other)
  }
})
