// CID -> bytes, checked -> module ready to run. What follow and invoke both stand on.

import { createHash } from 'node:crypto'
import { WasmateError } from '../base/errors.ts'
import { SingleFlight } from '../base/single-flight.ts'
import type { Context } from '../model.ts'
import { type Report, timed } from '../steps.ts'

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
  /** 64 hex digits; empty when it was published through the old interface: then the CID alone vouches for them. */
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
  /** What was loaded, so that a name that says something else of the same CID is refused as well. */
  readonly #loaded = new Map<string, Expected>()

  constructor(stages: LoadStages) {
    this.#stages = stages
  }

  /** Fetches and loads unless it is there; throws CONTENT_MISMATCH when the bytes are not the registered ones. */
  async load(request: LoadRequest, context: Context, report: Report = () => undefined): Promise<void> {
    const { cid, limits, expected } = request
    if (!this.#stages.runner.has(cid)) {
      // What one may not load, because of its hash or its limit, another one may.
      const flight = `${cid} ${limits.maxMemoryBytes} ${expected?.sha256 ?? ''}`
      const load = (signal: AbortSignal): Promise<void> =>
        this.#fetchAndLoad(request, { ...context, signal }, report)
      await this.#flights.run(flight, load, context.signal)
    }
    const loaded = this.#loaded.get(cid)
    if (loaded && expected?.sha256) compare(cid, loaded, expected)
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
    const fetched = { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length }
    if (expected?.sha256) compare(cid, fetched, expected)
    await timed(
      report,
      'load',
      () => runner.load(cid, bytes, limits, context),
      () => ({ cid }),
    )
    this.#remember(cid, fetched)
  }

  /** As long as the runner has it. */
  #remember(cid: string, loaded: Expected): void {
    this.#loaded.set(cid, loaded)
    if (this.#loaded.size <= maxRemembered) return
    for (const known of this.#loaded.keys()) if (!this.#stages.runner.has(known)) this.#loaded.delete(known)
  }
}

const maxRemembered = 2_000

function compare(cid: string, bytes: Expected, expected: Expected): void {
  if (bytes.sha256 === expected.sha256 && bytes.size === expected.size) return
  throw new WasmateError(
    'CONTENT_MISMATCH',
    `${cid} has ${bytes.size} bytes with sha256 ${bytes.sha256}; registered are ${expected.size} with ${expected.sha256}`,
  )
}
