// The steps of the loop as people see them: each with its facts and its milliseconds.

/** Those of the loop, of verifying, and of what is paid for. */
export type StepName =
  | 'build'
  | 'pin'
  | 'register'
  | 'event'
  | 'fetch'
  | 'load'
  | 'invoke'
  | 'resolve'
  | 'check'
  | 'source'
  | 'rebuild'
  | 'compare'
  | 'estimate'

export interface Step {
  step: StepName
  /** Milliseconds the step took, to a tenth. */
  ms: number
  /** CID, size, version and the like, as far as the step knows them. */
  facts: Record<string, unknown>
}

export type Report = (step: Step) => void

/** Runs one step and reports it when it is done; a failed step reports nothing and throws. */
export async function timed<T>(
  report: Report,
  step: StepName,
  work: () => Promise<T>,
  describe: (result: T) => Record<string, unknown>,
): Promise<T> {
  const from = performance.now()
  const result = await work()
  report({ step, ms: elapsed(from), facts: describe(result) })
  return result
}

/** Milliseconds since `from` (a `performance.now()`), to a tenth. */
export function elapsed(from: number): number {
  return Math.round((performance.now() - from) * 10) / 10
}
