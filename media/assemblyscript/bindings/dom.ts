// console, Date, performance and crypto on Extism's log and WASI's clock and random numbers,
// in the place of the standard library's bindings to a browser.
import { toBlock } from '../wasmate'

@external('extism:host/env', 'log_debug')
declare function logDebug(block: u64): void
@external('extism:host/env', 'log_info')
declare function logInfo(block: u64): void
@external('extism:host/env', 'log_warn')
declare function logWarn(block: u64): void
@external('extism:host/env', 'log_error')
declare function logError(block: u64): void
@external('wasi_snapshot_preview1', 'clock_time_get')
declare function wasiClock(clock: i32, precision: i64, to: usize): i32
@external('wasi_snapshot_preview1', 'random_get')
declare function wasiRandom(to: usize, length: usize): i32

/** Milliseconds of WASI's clock 0 (since 1970) or 1 (monotonic). */
function readClock(clock: i32): f64 {
  const to = memory.data(8)
  wasiClock(clock, 0, to)
  return <f64>load<u64>(to) / 1_000_000
}

/** The standard library takes this name from here; nothing of it is used. */
export declare namespace Math {}

export namespace Date {
  export function now(): f64 {
    return floor<f64>(readClock(0))
  }
}

export namespace performance {
  export function now(): f64 {
    return readClock(1)
  }
}

export namespace crypto {
  export function getRandomValues(array: Uint8Array): void {
    wasiRandom(array.dataStart, array.length)
  }
}

// Not made at the start: the collector may not be ready by then, and would take it for a damaged object.
@lazy const timers = new Map<string, f64>()

export namespace console {
  export function assert(condition: bool, message: string): void {
    if (!condition) logError(toBlock('Assertion failed: ' + message))
  }
  export function log(text: string): void {
    logInfo(toBlock(text))
  }
  export function debug(text: string): void {
    logDebug(toBlock(text))
  }
  export function info(text: string): void {
    logInfo(toBlock(text))
  }
  export function warn(text: string): void {
    logWarn(toBlock(text))
  }
  export function error(text: string): void {
    logError(toBlock(text))
  }
  export function time(label: string): void {
    timers.set(label, readClock(1))
  }
  export function timeLog(label: string): void {
    if (timers.has(label)) logInfo(toBlock(label + ': ' + (readClock(1) - timers.get(label)).toString() + ' ms'))
  }
  export function timeEnd(label: string): void {
    timeLog(label)
    timers.delete(label)
  }
}
