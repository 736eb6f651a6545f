// Jobs -> the message that has a thread run them: it says what the thread lacks of the instance, and nothing more.

import { WasmateError } from '../../base/errors.ts'
import { type Job, instanceKey } from '../job.ts'
import type { BatchMessage } from '../messages.ts'

const maxInstances = 64

export class Batches {
  /** Instances over there, least recently used first, and the version of the vars that each has seen. */
  readonly #held = new Map<string, number>()

  holds(instance: string): boolean {
    return this.#held.has(instance)
  }

  /** The thread that ran the job has changed the vars itself, to this version. */
  saw(job: Job, version: number): void {
    this.#held.set(instanceKey(job), version)
  }

  /** Of jobs that one instance can run; with what is to be transferred. */
  pack(jobs: Job[]): [BatchMessage, ArrayBuffer[]] {
    const [first] = jobs
    if (!first) throw new WasmateError('INTERNAL', 'an empty batch')
    const { module, vars, options, fresh } = first
    const instance = instanceKey(first)
    const seen = this.#held.get(instance)
    const drop = first.script ? [] : this.#hold(instance, vars?.version ?? 0)
    const inputs = joinInputs(jobs)
    const places = (wanted: (job: Job) => boolean): number[] =>
      jobs.flatMap((job, index) => (wanted(job) ? [index] : []))
    const traced = places(({ trace }) => trace)
    const recorded = places(({ record }) => record)
    const batch: BatchMessage = {
      ...{ instance, drop, fresh, inputs, config: options.config, allowedHosts: options.allowedHosts },
      lengths: jobs.map(({ input }) => input.length),
      exports: jobs.map((job) => job.export),
      ...(seen === undefined && { create: { module, maxMemoryBytes: options.maxMemoryBytes } }),
      ...(traced.length > 0 && { traced }),
      ...(recorded.length > 0 && { recorded }),
      ...(first.script && { script: first.script }),
      ...(vars && (seen ?? 0) !== vars.version && { vars: vars.values }),
    }
    return [batch, [inputs.buffer]]
  }

  /** Gives the instances that make room. */
  #hold(instance: string, version: number): string[] {
    this.#held.delete(instance)
    const drop = [...this.#held.keys()].slice(0, Math.max(0, this.#held.size + 1 - maxInstances))
    for (const dropped of drop) this.#held.delete(dropped)
    this.#held.set(instance, version)
    return drop
  }
}

/** Copies: the inputs still belong to the callers. */
function joinInputs(jobs: Job[]): Uint8Array<ArrayBuffer> {
  const inputs = new Uint8Array(jobs.reduce((sum, { input }) => sum + input.length, 0))
  let offset = 0
  for (const { input } of jobs) {
    inputs.set(input, offset)
    offset += input.length
  }
  return inputs
}
