// CID -> bytes, checked -> module ready to run. What follow and invoke both stand on.

import { createHash } from 'node:crypto'
import { WasmateError } from './base/errors.ts'
import { SingleFlight } from './base/single-flight.ts'
import type { Context } from './model.ts'
import { type Report, timed } from './steps.ts'

export interface LoadStages {
  /** Bytes of the one file under a CID, every block verified. */
  fetch(cid: string, context: Context): Promise<Uint8Array>
  runner: {
    has(cid: string): boolean
    load(cid: string, bytes: Uint8Array, limits: LoadLimits, context: Context): Promise<void>
  }
}

export interface LoadLimits {
  timeoutMs: number
  maxMemoryBytes: number
}

/** What the registry says of the bytes. */
export interface Expected {
  /** 64 hex digits. */
  sha256: string
  size: number
}

export interface LoadRequest {
  cid: string
  limits: LoadLimits
  expected?: Expected
}

export class Loader {
  readonly #stages: LoadStages
  readonly #flights = new SingleFlight<void>()

  constructor(stages: LoadStages) {
    this.#stages = stages
  }

  /** Fetches and loads unless it is there; throws CONTENT_MISMATCH when the bytes are not the registered ones. */
  async load(request: LoadRequest, context: Context, report: Report = () => undefined): Promise<void> {
    if (this.#stages.runner.has(request.cid)) return
    await this.#flights.run(request.cid, () => this.#fetchAndLoad(request, context, report))
  }

  async #fetchAndLoad(
    { cid, limits, expected }: LoadRequest,
    context: Context,
    report: Report,
  ): Promise<void> {
    const { fetch, runner } = this.#stages
    const bytes = await timed(
      report,
      'fetch',
      () => fetch(cid, context),
      ({ length }) => ({ cid, bytes: length }),
    )
    if (expected) compare(cid, bytes, expected)
    await timed(
      report,
      'load',
      () => runner.load(cid, bytes, limits, context),
      () => ({ cid }),
    )
  }
}

function compare(cid: string, bytes: Uint8Array, expected: Expected): void {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 === expected.sha256 && bytes.length === expected.size) return
  throw new WasmateError(
    'CONTENT_MISMATCH',
    `${cid} has ${bytes.length} bytes with sha256 ${sha256}; registered are ${expected.size} with ${expected.sha256}`,
  )
}
