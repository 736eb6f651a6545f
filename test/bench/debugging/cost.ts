// Requests a second with receipts as they are by default, beside the same without any: two products of one build, which
// take turns, on a small function of each language.

import { goPlugin } from '../../helpers/go-plugin.ts'
import { compileAssemblyScript, compileC, compileGo } from '../../helpers/plugins.ts'
import { assemblyScriptPlugin } from '../../helpers/as-plugin.ts'
import { clients, missingClient } from '../load/clients.ts'
import { cpuMicros } from '../load/process.ts'
import { type Product, startProduct } from '../load/product.ts'
import { median, round } from '../measure.ts'

const rounds = 15
const [seconds, warmSeconds] = [2, 2]

interface Bout {
  rps: number
  cpuUs: number
}

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
  const on = await startProduct(functions)
  const off = await startProduct(functions, ['--set', 'trace.receipts=off'])
  try {
    const percents: Record<string, object> = {}
    const all: number[] = []
    for (const name of Object.keys(functions)) {
      const { costs, ...shown } = await compare(on, off, name)
      percents[name] = shown
      all.push(median(costs))
    }
    const figure = {
      ...{ name: 'receipt-cost-percent', value: round(Math.max(...all)), unit: '% of the requests a second' },
      ...{ peer: 'receipts off', byLanguage: percents, rounds, secondsEach: seconds },
    }
    console.log(JSON.stringify(figure))
  } finally {
    await Promise.all([on.stop(), off.stop()])
  }
}

async function compare(
  on: Product,
  off: Product,
  name: string,
): Promise<{ costs: number[]; percent: number; cpuPercent: number; rps: number; peerRps: number }> {
  const taken: { on: Bout[]; off: Bout[] } = { on: [], off: [] }
  for (const product of [on, off]) await bout(product, name, warmSeconds)
  for (let turn = 0; turn < rounds; turn++) {
    // Neither is always the first.
    const order = turn % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const)
    for (const side of order) taken[side].push(await bout(side === 'on' ? on : off, name, seconds))
  }
  const costs = taken.on.map(({ rps }, turn) => 100 * (1 - rps / (taken.off[turn]?.rps ?? NaN)))
  const cpu = taken.on.map(({ cpuUs }, turn) => 100 * (cpuUs / (taken.off[turn]?.cpuUs ?? NaN) - 1))
  return {
    costs,
    ...{ percent: round(median(costs)), cpuPercent: round(median(cpu)) },
    ...{ rps: round(median(taken.on.map(({ rps }) => rps)), 0) },
    peerRps: round(median(taken.off.map(({ rps }) => rps)), 0),
  }
}

async function bout(product: Product, name: string, lasting: number): Promise<Bout> {
  const before = cpuMicros(product.pid)
  const { rps, requests, failed } = await clients.wrk(`${product.urlOf(name)}/greet`, lasting)
  if (failed > 0) throw new Error(`${failed} calls of ${name} failed`)
  return { rps, cpuUs: (cpuMicros(product.pid) - before) / requests }
}
