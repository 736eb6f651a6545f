// What starts also stops: a start defers the undoing of each step as soon as the step is done.

/** Undoes what was deferred, newest first. Runs once; what is deferred afterwards is undone at once. */
export class Teardown {
  #steps: (() => unknown)[] = []
  #running: Promise<void> | undefined

  get started(): boolean {
    return this.#running !== undefined
  }

  /** Late steps are run, never kept: a start that loses the race against a stop must not leak. */
  defer(step: () => unknown): void {
    if (!this.#running) return void this.#steps.push(step)
    const before = this.#running.then(
      () => [],
      (error: unknown) => [error],
    )
    this.#running = before.then(async (failures) => rethrow([...failures, ...(await attempt(step))]))
    // Whoever runs the teardown is told.
    this.#running.catch(() => undefined)
  }

  /** Finishes every step even when some fail, then throws the first failure. */
  run(): Promise<void> {
    this.#running ??= this.#undo()
    return this.#running
  }

  async #undo(): Promise<void> {
    const failures: unknown[] = []
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      failures.push(...(await attempt(step)))
    }
    rethrow(failures)
  }
}

async function attempt(step: () => unknown): Promise<unknown[]> {
  try {
    await step()
    return []
  } catch (error) {
    return [error]
  }
}

function rethrow(failures: unknown[]): void {
  if (failures.length > 0) throw failures[0]
}
