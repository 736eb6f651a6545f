// Requests a second with receipts as they are by default, beside the same without any: two products of one build, which
// take turns, on a small function of each language.

import { goPlugin } from '../../helpers/go-plugin.ts'
import { compileAssemblyScript, compileC, compileGo } from '../../helpers/plugins.ts'
import { assemblyScriptPlugin } from '../../helpers/as-plugin.ts'
import { clients, missingClient } from '../load/clients.ts'
import { cpuMicros } from '../load/process.ts'
import { type Deployed, type Product, startProduct } from '../load/product.ts'
import { median, percentile, round } from '../measure.ts'

/** Of one build, two processes can differ by more than receipts cost: many pairs tell it, many rounds of one do not. */
const pairs = 6
const rounds = 2
/**
 * Before each round that is counted comes one that is not: while the other side has its turn, time for receipts is
 * saved up, and what is to be known is what they cost under a load that lasts.
 */
const [seconds, leadSeconds, warmSeconds] = [2, 1, 1]

interface Bout {
  rps: number
  cpuUs: number
}

/** Of a function, in the order of the rounds. */
type Bouts = Record<'on' | 'off', Bout[]>

export async function measureCost(): Promise<void> {
  const missing = missingClient('wrk')
  if (missing) {
    console.error(`receipt-cost-percent is left out: ${missing}`)
    process.exitCode = 1
    return
  }
  const functions = {
    as: { bytes: await compileAssemblyScript(assemblyScriptPlugin) },
    c: { bytes: await compileC('EXPORT(greet) int greet(void) { say("hello"); return 0; }') },
    go: { bytes: await compileGo(goPlugin) },
  }
  const taken = new Map<string, Bouts>(Object.keys(functions).map((name) => [name, { on: [], off: [] }]))
  for (let pair = 0; pair < pairs; pair++) await measurePair(functions, taken)
  const byLanguage = Object.fromEntries([...taken].map(([name, bouts]) => [name, describe(bouts)]))
  const value = Math.max(...Object.values(byLanguage).map(({ percent }) => percent))
  const figure = {
    ...{ name: 'receipt-cost-percent', value, unit: '% of the requests a second', peer: 'receipts off' },
    ...{ byLanguage, pairs, rounds, secondsEach: seconds },
  }
  console.log(JSON.stringify(figure))
}

async function measurePair(
  functions: Record<string, Deployed>,
  taken: ReadonlyMap<string, Bouts>,
): Promise<void> {
  const on = await startProduct(functions)
  const off = await startProduct(functions, ['--set', 'trace.receipts=off'])
  try {
    for (const [name, bouts] of taken) await compare(on, off, name, bouts)
  } finally {
    await Promise.all([on.stop(), off.stop()])
  }
}

async function compare(on: Product, off: Product, name: string, taken: Bouts): Promise<void> {
  for (const product of [on, off]) await bout(product, name, warmSeconds)
  for (let turn = 0; turn < rounds; turn++) {
    // Neither is always the first.
    const order = turn % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const)
    for (const side of order) {
      const product = side === 'on' ? on : off
      await bout(product, name, leadSeconds)
      taken[side].push(await bout(product, name, seconds))
    }
  }
}

/** `quarter` and `threeQuarters`: the middle half of the rounds lies between them. */
function describe({ on, off }: Bouts): { percent: number; [detail: string]: number } {
  const costs = on.map(({ rps }, turn) => 100 * (1 - rps / (off[turn]?.rps ?? NaN)))
  const cpu = on.map(({ cpuUs }, turn) => 100 * (cpuUs / (off[turn]?.cpuUs ?? NaN) - 1))
  return {
    ...{ percent: round(median(costs)), quarter: round(percentile(costs, 0.25)) },
    ...{ threeQuarters: round(percentile(costs, 0.75)), cpuPercent: round(median(cpu)) },
    rps: round(median(on.map(({ rps }) => rps)), 0),
    peerRps: round(median(off.map(({ rps }) => rps)), 0),
  }
}

async function bout(product: Product, name: string, lasting: number): Promise<Bout> {
  const before = cpuMicros(product.pid)
  const { rps, requests, failed } = await clients.wrk(`${product.urlOf(name)}/greet`, lasting)
  if (failed > 0) throw new Error(`${failed} calls of ${name} failed`)
  return { rps, cpuUs: (cpuMicros(product.pid) - before) / requests }
}
