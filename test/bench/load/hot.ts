// A process with a runner of so many functions, of which some are hot: each window gives the latencies of those.
// Started with the count; 'rest' and 'busy' are answered with the latencies of one window, in ms.

import { setTimeout as sleep } from 'node:timers/promises'
import { compileEcho, vary } from './modules.ts'
import { callEcho, createRunner, options } from './run.ts'

const hot = 20
const callsPerSecond = 1_000
const windowMs = 3_000
/** In a busy window another one of the rest is called each so many ms. */
const restEveryMs = 100

const runner = createRunner()
const count = Number(process.argv[2])
const input = Buffer.from('wasmate-runtime')
let next = hot

async function prepare(): Promise<void> {
  const bytes = await compileEcho('as')
  for (let number = 0; number < count; number++) {
    await runner.load(`f${number}`, vary(bytes, number), options)
    await callEcho(runner, `f${number}`, input)
  }
  for (let number = 0; number < hot; number++) await callEcho(runner, `f${number}`, input)
}

/** Calls are due by the clock, whether the ones before are answered or not. */
async function measure(isBusy: boolean): Promise<number[]> {
  const latencies: number[] = []
  const calls: Promise<void>[] = []
  const from = performance.now()
  let [begun, others] = [0, 0]
  for (let ranMs = 0; ranMs < windowMs; ranMs = performance.now() - from) {
    for (; begun < (ranMs * callsPerSecond) / 1000; begun++) calls.push(timeCall(begun % hot, latencies))
    for (; isBusy && count > hot && others < ranMs / restEveryMs; others++) calls.push(callNext())
    await sleep(1)
  }
  await Promise.all(calls)
  return latencies
}

async function timeCall(number: number, latencies: number[]): Promise<void> {
  const from = performance.now()
  await callEcho(runner, `f${number}`, input)
  latencies.push(performance.now() - from)
}

async function callNext(): Promise<void> {
  const number = next++
  if (next === count) next = hot
  await callEcho(runner, `f${number}`, input)
}

process.on('message', (kind) => {
  void measure(kind === 'busy').then((latencies) => process.send?.(latencies))
})
process.once('disconnect', () => process.exit())
await prepare()
process.send?.('ready')
