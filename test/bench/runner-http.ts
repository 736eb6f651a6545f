// Requests a second, latency and CPU time a request: the built product beside the Go peer, which runs the same module.
// The two take turns, and the client shares the machine with both.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bout, type Client, body, clients, connections, missingClient } from './load/clients.ts'
import { startPeer } from './load/peer.ts'
import { cpuMicros } from './load/process.ts'
import { startProduct } from './load/product.ts'
import { type Figure, median, percentile, round } from './measure.ts'

const rounds = 5
const seconds = 3
const warmSeconds = 2

interface Side {
  url: string
  pid: number
}

interface Measured extends Bout {
  cpuUs: number
}

interface Rounds {
  ours: Measured[]
  theirs: Measured[]
}

export async function measureHttp(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-bench-'))
  // Limits and isolation are as they always are.
  const product = await startProduct({}, ['--set', 'serve.defaultFunction=hello'])
  try {
    const path = join(folder, 'hello.wasm')
    await writeFile(path, await product.moduleOf('hello'))
    const peer = await startPeer(path, 'hello')
    const ours = { url: `${product.state.urls.functions}/`, pid: product.pid }
    try {
      await checkSame(ours, peer)
      await measureSides(ours, peer)
    } finally {
      await peer.stop()
    }
  } finally {
    await product.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureSides(ours: Side, theirs: Side): Promise<void> {
  const measured: Partial<Record<'wrk' | 'hey', Rounds>> = {}
  for (const name of ['wrk', 'hey'] as const) {
    const missing = missingClient(name)
    if (missing) {
      console.error(`http-${name}-rps is left out: ${missing}`)
      process.exitCode = 1
      continue
    }
    measured[name] = await takeTurns(clients[name], ours, theirs)
    print(rpsFigure(`http-${name}-rps`, measured[name]))
  }
  for (const [client, taken] of Object.entries(measured)) {
    const name = client === 'wrk' ? 'http-cpu-us' : `http-cpu-us-${client}`
    print(cpuFigure(name, taken, client))
  }
}

async function checkSame(ours: Side, theirs: Side): Promise<void> {
  const [mine, peers] = [await ask(ours.url), await ask(theirs.url)]
  if (mine !== peers) throw new Error(`the two answer differently: ${mine} and ${peers}`)
}

async function ask(url: string): Promise<string> {
  const response = await fetch(url, { method: 'POST', body })
  return `${response.status} ${await response.text()}`
}

async function takeTurns(client: Client, ours: Side, theirs: Side): Promise<Rounds> {
  for (const { url } of [theirs, ours]) await client(url, warmSeconds)
  const taken: Rounds = { ours: [], theirs: [] }
  for (let turn = 0; turn < rounds; turn++) {
    taken.theirs.push(await measureBout(client, theirs))
    taken.ours.push(await measureBout(client, ours))
  }
  return taken
}

async function measureBout(client: Client, { url, pid }: Side): Promise<Measured> {
  const before = cpuMicros(pid)
  const bout = await client(url, seconds)
  return { ...bout, cpuUs: (cpuMicros(pid) - before) / bout.requests }
}

function rpsFigure(name: string, { ours, theirs }: Rounds): Figure {
  const pairs = ours.map(({ rps }, turn) => rps / (theirs[turn]?.rps ?? NaN))
  return {
    ...compare(name, 'requests/s', ours.map(pick('rps')), theirs.map(pick('rps'))),
    ...{ rounds: ours.length, secondsEach: seconds, connections },
    ratioByRound: pairs.map((ratio) => round(ratio, 2)),
    p50Ms: round(median(ours.map(pick('p50Ms'))), 2),
    peerP50Ms: round(median(theirs.map(pick('p50Ms'))), 2),
    p99Ms: round(median(ours.map(pick('p99Ms'))), 2),
    peerP99Ms: round(median(theirs.map(pick('p99Ms'))), 2),
    failed: sum(ours.map(pick('failed'))),
    peerFailed: sum(theirs.map(pick('failed'))),
    peerIs: 'Fiber, Extism go-sdk and wazero with the same module',
  }
}

function cpuFigure(name: string, { ours, theirs }: Rounds, client: string): Figure {
  return {
    ...compare(name, 'us of CPU a request', ours.map(pick('cpuUs')), theirs.map(pick('cpuUs'))),
    least: round(percentile(ours.map(pick('cpuUs')), 0)),
    peerLeast: round(percentile(theirs.map(pick('cpuUs')), 0)),
    client,
  }
}

function compare(name: string, unit: string, ours: number[], theirs: number[]): Figure {
  const [value, peer] = [median(ours), median(theirs)]
  return { name, value: round(value), unit, peer: round(peer), ratio: round(value / peer, 2) }
}

function pick(field: keyof Measured): (bout: Measured) => number {
  return (bout) => bout[field]
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function print(figure: Figure): void {
  console.log(JSON.stringify(figure))
}
