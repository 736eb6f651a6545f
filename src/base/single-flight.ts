// The same work asked for twice at one time is done once. Who stops waiting for it takes it from nobody else.

import { WasmateError } from './errors.ts'

interface Flight<T> {
  done: Promise<T>
  ending: AbortController
  waiting: number
}

export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** `work` is told to end when nobody waits for it any more. Throws what it throws, and CANCELLED when `signal` is aborted. */
  run(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(cancelled(signal))
    const flight = this.#flights.get(key) ?? this.#start(key, work)
    flight.waiting++
    return signal ? this.#wait(key, flight, signal) : flight.done
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const ending = new AbortController()
    const done = work(ending.signal).finally(() => this.#forget(key, flight))
    const flight: Flight<T> = { done, ending, waiting: 0 }
    this.#flights.set(key, flight)
    return flight
  }

  #wait(key: string, flight: Flight<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(cancelled(signal))
        flight.waiting--
        if (flight.waiting > 0) return
        // Who comes now begins anew.
        this.#forget(key, flight)
        flight.ending.abort(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      void flight.done.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}

function cancelled(signal: AbortSignal): WasmateError {
  return new WasmateError('CANCELLED', undefined, { cause: signal.reason })
}
