// Mixed load on the built product for minutes, one caller in a hundred with functions that run away: nobody else may
// notice, and memory may not grow.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Answered, type Caller, type Tally, runCallers } from './load/callers.ts'
import { compileCounter, compileEcho, compileRunaway } from './load/modules.ts'
import { residentBytes } from './load/process.ts'
import { type Product, startProduct } from './load/product.ts'
import { median, round } from './measure.ts'

const callers = 100
const pauseMs = 20
const sampleMs = 1_000
/** Samples whose median counts as the memory of a moment. */
const momentMs = 10_000
const runawayTimeoutMs = 200
const mebibyte = 1024 * 1024

export async function measureSoak(minutes: number): Promise<void> {
  const echo = await compileEcho('as')
  const runaway = {
    bytes: await compileRunaway(),
    timeoutMs: runawayTimeoutMs,
    maxMemoryBytes: 32 * mebibyte,
  }
  const functions = { echo: { bytes: echo }, carry: { bytes: await compileEcho('c') } }
  const counter = { bytes: await compileCounter() }
  const product = await startProduct({ ...functions, runaway, counter })
  try {
    await soak(product, minutes * 60_000)
  } finally {
    await product.stop()
  }
}

async function soak(product: Product, durationMs: number): Promise<void> {
  const counts = new Set<number>()
  const codes: Record<string, number> = {}
  const deadline = performance.now() + durationMs
  const honest = Array.from({ length: callers - 1 }, (_, number) => createCaller(product, number, counts))
  const [memory, others, runaways] = await Promise.all([
    sampleMemory(product.pid, deadline),
    runCallers(honest, deadline),
    runCallers([createRunaway(product, codes)], deadline),
  ])
  // Each call of the counter has counted once, and each has its own answer.
  const isExact = counts.size === greatest(counts)
  report({ memory, others, runaways, codes, isExact, counted: counts.size, durationMs })
}

function createCaller(product: Product, number: number, counts: Set<number>): Caller {
  if (number % 10 === 0) {
    return { url: product.urlOf('counter'), pauseMs, input: () => Buffer.alloc(0), check: checkCount(counts) }
  }
  const isLarge = number % 10 === 1
  let turn = 0
  let sent = Buffer.alloc(0)
  const url = product.urlOf(isLarge ? 'carry' : 'echo')
  const input = (): Uint8Array => {
    sent = isLarge ? Buffer.alloc(65_536, `${number} ${turn++} `) : Buffer.from(`caller ${number} ${turn++}`)
    return sent
  }
  const check = ({ status, body }: Answered): string | undefined => {
    if (status === 200 && body.equals(sent)) return undefined
    return `${status} ${show(body)}, not ${show(sent)}`
  }
  return { url, pauseMs, input, check }
}

function checkCount(counts: Set<number>): Caller['check'] {
  return ({ status, body }) => {
    const count = Number(body.toString())
    if (status !== 200 || !Number.isInteger(count)) return `${status} ${show(body)}`
    if (counts.has(count)) return `${count} for the second time`
    counts.add(count)
    return undefined
  }
}

/** Loops, grows and recurses in turn; what must come of it is an error of its own. */
function createRunaway(product: Product, codes: Record<string, number>): Caller {
  const ways = ['spin', 'grow', 'recurse']
  const expected = ['CALL_TIMEOUT', 'CALL_TRAPPED', 'MEMORY_LIMIT']
  let turn = 0
  return {
    get url() {
      return `${product.urlOf('runaway')}/${ways[turn++ % ways.length] ?? ''}`
    },
    pauseMs,
    input: () => Buffer.alloc(0),
    check: ({ status, body }) => {
      const { code = '' } = JSON.parse(body.toString()) as { code?: string }
      codes[code] = (codes[code] ?? 0) + 1
      return expected.includes(code) ? undefined : `${status} ${show(body)}`
    },
  }
}

function show(body: Buffer): string {
  return body.subarray(0, 120).toString()
}

async function sampleMemory(pid: number, deadline: number): Promise<number[]> {
  const samples: number[] = []
  while (performance.now() < deadline) {
    samples.push(residentBytes(pid))
    await sleep(sampleMs)
  }
  return samples
}

interface Soaked {
  memory: number[]
  others: Tally
  runaways: Tally
  codes: Record<string, number>
  isExact: boolean
  counted: number
  durationMs: number
}

/** A run of less than three minutes begins to count after a third of it. */
function report({ memory, others, runaways, codes, isExact, counted, durationMs }: Soaked): void {
  const warmMs = Math.min(60_000, durationMs / 3)
  const moment = momentMs / sampleMs
  const first = median(memory.slice(warmMs / sampleMs, warmMs / sampleMs + moment))
  const last = median(memory.slice(-moment))
  const failed = others.failed + (isExact ? 0 : 1)
  const figure = {
    ...{
      name: 'soak-memory-ratio',
      value: round(last / first, 3),
      unit: 'RSS at the end / after the warm-up',
    },
    ...{ minutes: round(durationMs / 60_000, 2), warmSeconds: warmMs / 1000 },
    ...{ firstMiB: round(first / mebibyte), lastMiB: round(last / mebibyte) },
    ...{ mostMiB: round(Math.max(...memory) / mebibyte) },
    ...{ calls: others.calls, failed, counted, isExact, problems: others.problems },
    runaways: { calls: runaways.calls, unexpected: runaways.failed, codes, problems: runaways.problems },
  }
  console.log(JSON.stringify(figure))
  if (failed > 0 || runaways.failed > 0) process.exitCode = 1
}

/** Of so many that they can't be arguments of a function. */
function greatest(counts: Iterable<number>): number {
  let most = 0
  for (const count of counts) most = Math.max(most, count)
  return most
}
