// A queue between callbacks that push and one consumer that iterates.

export interface Channel<T> extends AsyncIterable<T> {
  push(value: T): void
  /** The consumer gets what is queued, then the end or the error. */
  close(error?: unknown): void
}

export function createChannel<T>(): Channel<T> {
  const queue: T[] = []
  const failure: { error?: unknown } = {}
  let isClosed = false
  let wake = (): void => undefined
  const read = async function* (): AsyncGenerator<T> {
    for (;;) {
      while (queue.length > 0) yield* queue.splice(0)
      if ('error' in failure) throw failure.error
      if (isClosed) return
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  return {
    push: (value) => {
      queue.push(value)
      wake()
    },
    close: (error) => {
      if (isClosed) return
      isClosed = true
      if (error !== undefined) failure.error = error
      wake()
    },
    [Symbol.asyncIterator]: read,
  }
}
