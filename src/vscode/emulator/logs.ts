// The log file of an emulator, followed in the Output panel.

import { type FSWatcher, watch } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Disposable, LogOutputChannel } from 'vscode'

/** Of a file that is long, the end. */
const maxBytes = 256 * 1024
/** What is older than this shows its own time: the panel puts the present one before each line. */
const freshMs = 2_000

const linePattern = /^(\S+Z) (debug|info|warn|error)\s+(.*)$/

/** From the moment it is made until it is disposed of. */
export class FollowedLog implements Disposable {
  readonly #channel: LogOutputChannel
  readonly #path: string
  #watcher: FSWatcher | undefined
  #offset: number | undefined
  #rest = Buffer.alloc(0)
  #reading: Promise<void> = Promise.resolve()

  constructor(folder: string, channel: LogOutputChannel) {
    this.#path = join(folder, '.wasmate/emulator.log')
    this.#channel = channel
  }

  /** Shows what there is, and from then on what comes. Called again, it finds a file that was not there before. */
  follow(): Promise<void> {
    try {
      this.#watcher ??= watch(this.#path, () => void this.#catchUp()).on('error', () => this.dispose())
    } catch {
      // There is no log before the first start.
    }
    return this.#catchUp()
  }

  dispose(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }

  #catchUp(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read()).catch(() => undefined)
    return this.#reading
  }

  async #read(): Promise<void> {
    const file = await open(this.#path, 'r')
    try {
      const { size } = await file.stat()
      this.#offset ??= Math.max(0, size - maxBytes)
      if (size < this.#offset) this.#offset = 0
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - this.#offset), {
        position: this.#offset,
      })
      this.#offset += bytesRead
      this.#show(Buffer.concat([this.#rest, buffer.subarray(0, bytesRead)]))
    } finally {
      await file.close()
    }
  }

  #show(bytes: Buffer): void {
    const end = bytes.lastIndexOf('\n')
    this.#rest = Buffer.from(bytes.subarray(end + 1))
    const lines = bytes
      .subarray(0, end + 1)
      .toString()
      .split('\n')
    for (const line of lines.filter(Boolean)) this.#tell(line)
  }

  #tell(line: string): void {
    const [, time = '', level = 'info', words = line] = linePattern.exec(line) ?? []
    const isFresh = time === '' || Date.now() - Date.parse(time) < freshMs
    this.#channel[level as 'debug' | 'info' | 'warn' | 'error'](isFresh ? words : `${time} ${words}`)
  }
}
