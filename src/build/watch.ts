// Saves of a function's files, as they happen: a source in, one "changed" after each burst of writes out.

import { type FSWatcher, type Stats, readdirSync, statSync, watch } from 'node:fs'
import { basename, join } from 'node:path'
import { WasmateError } from '../base/errors.ts'
import type { Source } from '../model.ts'

export interface WatchOptions {
  signal?: AbortSignal
  /** How long after the last write a save counts as done. */
  debounceMs?: number
}

/**
 * Watches from now on, not from the first `next`. What changes while the consumer is busy is given at its next
 * turn, once. Ends when the signal does or the loop is left; throws SOURCE_NOT_FOUND when the folder goes away.
 */
export function watchSource(source: Source, options: WatchOptions = {}): AsyncIterableIterator<'changed'> {
  const changes = new Changes(source, options.debounceMs ?? 12)
  const close = (): void => changes.close()
  options.signal?.addEventListener('abort', close, { once: true })
  if (options.signal?.aborted) close()
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => changes.next(),
    return: () => {
      options.signal?.removeEventListener('abort', close)
      close()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
}

type Step = IteratorResult<'changed', undefined>

interface Waiting {
  resolve: (step: Step) => void
  reject: (error: unknown) => void
}

class Changes {
  readonly #folder: string
  /** A ready module is one file among others that are none of ours. */
  readonly #only: string | undefined
  readonly #debounceMs: number
  readonly #watchers = new Map<string, FSWatcher>()
  #timer: NodeJS.Timeout | undefined
  #changed = false
  #failed: unknown
  #closed = false
  #waiting: Waiting | undefined

  constructor(source: Source, debounceMs: number) {
    this.#folder = source.folder
    this.#only = source.language === 'wasm' ? basename(source.entry) : undefined
    this.#debounceMs = debounceMs
    this.#watch(source.folder)
  }

  next(): Promise<Step> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#tell()
    })
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
    this.#tell()
  }

  #watch(folder: string): void {
    if (this.#closed || this.#watchers.has(folder)) return
    const watcher = watch(folder, (_kind, name) => this.#take(folder, name))
    this.#watchers.set(folder, watcher)
    watcher.on('error', () => this.#unwatch(folder))
    if (this.#only !== undefined) return
    // A file that was saved before its new folder was watched is seen by nobody else.
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !isIgnored(entry.name)) this.#watch(join(folder, entry.name))
    }
  }

  #take(folder: string, name: string | null): void {
    if (name !== null && (isIgnored(name) || (this.#only !== undefined && name !== this.#only))) return
    if (name !== null && this.#only === undefined) this.#follow(join(folder, name))
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#settle(), this.#debounceMs)
  }

  /** Folders come and go, too. */
  #follow(path: string): void {
    const found = tryStat(path)
    if (found?.isDirectory()) this.#watch(path)
    else if (!found) this.#unwatch(path)
  }

  #unwatch(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
    if (folder === this.#folder) this.#settle()
  }

  #settle(): void {
    if (this.#closed) return
    this.#changed = true
    if (!tryStat(this.#folder)) {
      this.#failed = new WasmateError('SOURCE_NOT_FOUND', `${this.#folder} was removed`)
      this.close()
    }
    this.#tell()
  }

  #tell(): void {
    const waiting = this.#waiting
    if (!waiting || !(this.#closed || this.#changed)) return
    this.#waiting = undefined
    if (this.#failed !== undefined) {
      waiting.reject(this.#failed)
      this.#failed = undefined
    } else if (this.#closed) {
      waiting.resolve({ done: true, value: undefined })
    } else {
      this.#changed = false
      waiting.resolve({ done: false, value: 'changed' })
    }
  }
}

function tryStat(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

/** Our own state, packages, build output, and what editors put beside a file while they save it. */
function isIgnored(name: string): boolean {
  return (
    name.startsWith('.') ||
    name === 'node_modules' ||
    name === 'dist' ||
    /^#.*#$|~$|\.(sw[a-z]|tmp|temp|bak|orig|crswap|part)$|___jb_(tmp|old)___$/.test(name) ||
    // vim asks with a file of this name whether it may write here.
    /^\d{4,5}$/.test(name)
  )
}
