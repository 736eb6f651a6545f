// Ten thousand requests with something wrong in them: each is answered or its connection closed.

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { cases } from './cases.ts'
import { type Parser, Wire, exchange, last, parsers, serve, statusesOf } from './wire.ts'

/** The same numbers in every run (a linear congruential generator), so that what fails fails again. */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const inserts = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '0',
  'f',
  '"',
  '\xff',
  '\r\n\r\n',
  'chunked',
]

function mutate(sent: string, random: (below: number) => number, others: readonly string[]): string {
  let bytes = sent
  for (let count = 1 + random(4); count > 0; count -= 1) {
    const at = random(bytes.length + 1)
    const kind = random(5)
    const insert = inserts[random(inserts.length)] ?? ''
    if (kind === 0) bytes = bytes.slice(0, at) + insert + bytes.slice(at)
    else if (kind === 1) bytes = bytes.slice(0, at) + bytes.slice(at + 1 + random(8))
    else if (kind === 2) bytes = bytes.slice(0, at) + String.fromCharCode(random(256)) + bytes.slice(at + 1)
    else if (kind === 3) bytes = bytes.slice(0, at) + bytes.slice(random(at + 1))
    else bytes = bytes.slice(0, at) + (others[random(others.length)] ?? '').slice(random(40))
  }
  return bytes
}

/** Sends it, in two pieces, and no more; gives the statuses that came back. */
async function attempt(port: number, bytes: string, cut: number): Promise<number[]> {
  const wire = new Wire(port)
  await wire.send(bytes.slice(0, cut), bytes.slice(cut))
  wire.socket.end()
  return statusesOf(await wire.untilClosed())
}

async function fuzz(t: Parameters<typeof serve>[0], parser: Parser, count: number): Promise<void> {
  const { port, server, requests } = await serve(t, parser)
  const random = createRandom(42)
  const seeds = cases.map(({ sent }) => sent).filter((sent) => sent.length < 1_000)
  const allowed = new Set([100, 200, 400, 408, 413, 414, 417, 421, 431, 501, 505])
  for (let done = 0; done < count; done += 50) {
    const batch = Array.from({ length: 50 }, async () => {
      const bytes = mutate(seeds[random(seeds.length)] ?? '', random, seeds)
      const statuses = await attempt(port, bytes, random(bytes.length + 1))
      for (const status of statuses) assert.ok(allowed.has(status), `${status} for ${JSON.stringify(bytes)}`)
      // Nothing but a refusal ends the replies, and at most one does.
      assert.ok(
        statuses.slice(0, -1).every((status) => status < 400),
        JSON.stringify(bytes),
      )
    })
    await Promise.all(batch)
    requests.length = 0
  }
  assert.deepEqual(statusesOf(await exchange(port, last)), [200])
  while (server.connections > 0) await new Promise((resolve) => setImmediate(resolve))
}

suite('fuzzing', { timeout: 240_000 }, () => {
  for (const parser of parsers) {
    test(`mutated requests, ${parser}`, (t) => fuzz(t, parser, parser === 'llhttp' ? 10_000 : 2_000))
  }
})
