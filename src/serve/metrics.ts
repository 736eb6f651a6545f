// What the function server counted and the runner decided, in the text format of Prometheus.

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { PoolState } from '../runner/pool.ts'

/** What a call was for and what became of it: `ok` or the code of its error. */
interface Outcome {
  calls: { inc(): void }
}

export class Metrics {
  readonly #registry = new Registry()
  readonly #calls: Counter<'function' | 'outcome'>
  readonly #durations: Histogram<'function'>
  /** Bound to their labels: looking labels up costs more than counting. */
  readonly #outcomes = new Map<string, Outcome>()
  readonly #timers = new Map<string, { observe(seconds: number): void }>()

  /** `state` is asked at each scrape. */
  constructor(state: () => PoolState) {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry, prefix: 'wasmate_' })
    this.#calls = new Counter({
      ...{ name: 'wasmate_calls_total', help: 'Calls by function and outcome: ok or the code of the error.' },
      ...{ labelNames: ['function', 'outcome'], registers },
    })
    this.#durations = new Histogram({
      ...{ name: 'wasmate_call_duration_seconds', help: 'Time in the function itself, waiting excluded.' },
      ...{ labelNames: ['function'], registers },
      buckets: [0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 10],
    })
    observeState(registers, state)
  }

  /** `name` is a registered name; calls by CID count together. */
  called(name: string, outcome: string, durationMs?: number): void {
    const label = name.length > 31 ? '(by CID)' : name
    const key = `${label} ${outcome}`
    const bound = this.#outcomes.get(key) ?? { calls: this.#calls.labels(label, outcome) }
    this.#outcomes.set(key, bound)
    bound.calls.inc()
    if (durationMs === undefined) return
    const timer = this.#timers.get(label) ?? this.#durations.labels(label)
    this.#timers.set(label, timer)
    timer.observe(durationMs / 1000)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}

function observeState(registers: Registry[], state: () => PoolState): void {
  new Gauge({
    ...{ name: 'wasmate_workers', help: 'Worker threads by state.', labelNames: ['state'], registers },
    collect() {
      for (const [name, count] of Object.entries(state().workers)) this.labels(name).set(count)
    },
  })
  new Gauge({
    ...{
      name: 'wasmate_waiting_calls',
      help: 'Calls that wait for a thread.',
      labelNames: ['function'],
      registers,
    },
    collect() {
      this.reset()
      for (const { name, waiting } of state().functions) this.labels(name).set(waiting)
    },
  })
  new Counter({
    ...{
      name: 'wasmate_scaling_decisions_total',
      help: 'Threads started and ended, calls refused, and why.',
    },
    ...{ labelNames: ['decision', 'cause'], registers },
    collect() {
      this.reset()
      for (const { kind, cause, count } of state().decided) this.labels(kind, cause).inc(count)
    },
  })
}
