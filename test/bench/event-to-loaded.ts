// From the receipt of a publish transaction to the module answering: real devnet, real node, real runner.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../src/base/log.ts'
import { ContentNode } from '../../src/content/node.ts'
import { retrieveFile } from '../../src/content/retrieval/retrieve.ts'
import { Follower } from '../../src/flows/follow.ts'
import { Loader } from '../../src/flows/load.ts'
import { followRegistry } from '../../src/registry/events.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { Runner } from '../../src/runner/runner.ts'
import { listenHttp } from '../../src/serve/http.ts'
import { createGateway } from '../../src/serve/trustless-gateway/server.ts'
import { Served } from '../../src/flows/served.ts'
import type { Step } from '../../src/steps.ts'
import { type Chain, startChain } from '../helpers/chain.ts'
import { addBytes } from '../helpers/content.ts'
import { newRegistry } from '../helpers/contract.ts'
import { describeModule } from '../helpers/follower.ts'
import { compileC } from '../helpers/plugins.ts'
import { defaultPool, defaultOptions, workerUrl } from '../helpers/runner.ts'
import { median, percentile, round } from './measure.ts'

const rounds = 50
const warmup = 5

export async function measureEventToLoaded(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-bench-'))
  const undo: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })]
  try {
    const chain = await startChain()
    undo.unshift(() => chain.stop())
    await measure(chain, folder, undo)
  } finally {
    for (const step of undo) await step()
  }
}

async function measure(chain: Chain, folder: string, undo: (() => unknown)[]): Promise<void> {
  const node = new ContentNode({ folder: join(folder, 'content'), log: silentLog })
  await node.start()
  undo.unshift(() => node.stop())
  const gateway = createGateway({ node, maxBodyBytes: 1024, log: silentLog })
  const gatewayUrl = await listenHttp(gateway, 0, silentLog)
  undo.unshift(() => gateway.close())
  const runner = new Runner({ ...defaultPool, maxWorkers: 1, idleMs: 60_000, workerUrl, log: silentLog })
  undo.unshift(() => runner.stop())
  await runner.start()
  const registry = newRegistry(chain)
  const { address } = await registry.ensureDeployed({})
  const served = new Served(join(folder, 'served.json'), defaultOptions)
  const arrival = { at: 0 }
  const follower = new Follower({
    events: async function* (from, context) {
      for await (const news of followRegistry({ ...chain, ...context, address, from, log: silentLog })) {
        arrival.at = performance.now()
        yield news
      }
    },
    getVersion: (name, version) => registry.getVersion(name, version),
    resolve: async (name) => (await registry.resolve(name)).current,
    allow: async () => undefined,
    onProgress: () => undefined,
    loader: new Loader({
      runner,
      fetch: (cid, context) => retrieveFile(cid, { ...context, gateways: [gatewayUrl], maxBytes: 1_000_000 }),
    }),
    ...{ served, log: silentLog },
  })
  const ending = new AbortController()
  const running = follower.run(ending.signal)
  undo.unshift(async () => {
    ending.abort()
    await running
  })
  await print({ node, registry, served, follower, runner, arrival })
}

interface Parts {
  node: ContentNode
  registry: Registry
  served: Served
  follower: Follower
  runner: Runner
  /** When the last event came, on the clock of `performance.now()`. */
  arrival: { at: number }
}

async function print({ node, registry, served, follower, runner, arrival }: Parts): Promise<void> {
  const module = await compileC(makeSource(), ['-O1'])
  const steps = new Map<string, number[]>()
  follower.listen((_name, { step, ms }: Step) => steps.set(step, [...(steps.get(step) ?? []), ms]))
  const [fromEvent, fromReceipt, toAnswer]: [number[], number[], number[]] = [[], [], []]
  for (let turn = 0; turn < rounds + warmup; turn++) {
    const bytes = tagged(module, turn)
    const publication = describeModule('bench', bytes, await addBytes(node, bytes))
    const loaded = untilAnswering(served, publication.cid)
    await registry.publish(publication, {})
    const receiptAt = performance.now()
    const loadedAt = await loaded
    const call = { function: 'bench', cid: publication.cid, export: 'f0', input: new Uint8Array() }
    await runner.invoke({ ...call, options: defaultOptions })
    if (turn < warmup) continue
    fromEvent.push(loadedAt - arrival.at)
    fromReceipt.push(Math.max(0, loadedAt - receiptAt))
    toAnswer.push(performance.now() - arrival.at)
  }
  const split = Object.fromEntries([...steps].map(([step, all]) => [step, round(median(all.slice(-rounds)))]))
  console.log(
    JSON.stringify({
      name: 'event-to-loaded-ms',
      ...{ value: round(median(fromEvent)), unit: 'ms', p95: round(percentile(fromEvent, 0.95)), rounds },
      // The event comes before the receipt is asked for.
      fromReceipt: round(median(fromReceipt)),
      fromReceiptP95: round(percentile(fromReceipt, 0.95)),
      toFirstAnswer: round(median(toAnswer)),
      ...{ moduleBytes: module.length, split },
    }),
  )
}

async function untilAnswering(served: Served, cid: string): Promise<number> {
  while (served.answering('bench')?.cid !== cid) await new Promise((resolve) => setTimeout(resolve, 0.5))
  return performance.now()
}

/** Functions that differ, and that nothing can leave out, until the module is of the wanted size. */
function makeSource(): string {
  const makeOne = (index: number): string => `
EXPORT(f${index}) int f${index}(void) {
  u32 a = ${index}u, b = ${index * 7 + 1}u;
  for (u32 i = 0; i < host_input_length() + ${index % 13}; i++) { a = a * ${2654435761 - index}u + b; b ^= a >> ${1 + (index % 15)}; }
  return (a ^ b) == ${index * 31 + 5}u ? 1 : 0;
}`
  return Array.from({ length: 900 }, (_, index) => makeOne(index)).join('\n')
}

/** The same module with other bytes: a custom section at its end. */
function tagged(module: Uint8Array, turn: number): Buffer {
  const section = Buffer.alloc(6, `turn${String(turn).padStart(2, '0')}`)
  return Buffer.concat([module, Buffer.from([0, section.length + 2, 1, 0x6e]), section])
}
