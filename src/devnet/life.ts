// One life of the chain: journal + child, restored to where the journal ends. It ends with the child.

import { isDeepStrictEqual } from 'node:util'
import { WasmateError, describe } from '../base/errors.ts'
import { type Log, silentLog } from '../base/log.ts'
import type { ProcessIdentity } from '../base/process.ts'
import { startOrUndo } from '../base/service.ts'
import { Teardown } from '../base/teardown.ts'
import type { Context } from '../model.ts'
import { devnetVersion } from './binary.ts'
import { type Call, readCalls } from './calls.ts'
import { Clock } from './clock.ts'
import { type Head, type Link, exchange, readHead } from './link.ts'
import { type DevnetProcess, startDevnet } from './process.ts'
import { type Entry, type Records, type RecordsOptions, createHeader, openRecords } from './records.ts'

export interface LifeOptions extends RecordsOptions {
  binary: string
  log?: Log
  onChild: (identity: ProcessIdentity | undefined) => void
}

export class Life {
  readonly process: DevnetProcess
  #journal: Records['journal']
  #clock: Clock
  #head: Head
  #teardown: Teardown

  private constructor(
    process: DevnetProcess,
    journal: Records['journal'],
    restored: Restored,
    teardown: Teardown,
  ) {
    this.process = process
    this.#journal = journal
    this.#clock = restored.clock
    this.#head = restored.head
    this.#teardown = teardown
  }

  /** Throws what openRecords and startDevnet throw, and CHAIN_DIVERGED naming the entry. */
  static open(options: LifeOptions, ctx: Context): Promise<Life> {
    const teardown = new Teardown()
    return startOrUndo(teardown, async () => {
      const log = options.log ?? silentLog
      const records = await openRecords(options)
      teardown.defer(() => records.journal.close())
      if (records.journal.setAside) log.warn(`the damaged journal is kept as ${records.journal.setAside}`)
      const startTime = records.header?.startTime ?? wallSeconds()
      const process = await startDevnet({ ...options, log, startTime }, ctx.signal)
      teardown.defer(() => process.link.close())
      teardown.defer(() => process.child.kill())
      if (!records.header) {
        const { seed, accounts } = options
        await records.journal.append(createHeader(devnetVersion, seed, accounts, startTime))
      }
      return new Life(process, records.journal, await restore(process, records.entries, ctx), teardown)
    })
  }

  /**
   * Gives devnet's answer once it is in the journal. Calls must not overlap. When it throws, this life of the
   * chain is over: what the child did and what the journal says may differ.
   */
  async write(call: Call): Promise<string> {
    const at = wallSeconds()
    const time = this.#clock.timeFor(call, at)
    const done = await exchange(this.process.link, call.text, time)
    // The order within a batch is nowhere promised: a head that stands still is asked for again.
    const stands = done.head.hash === this.#head.hash
    const head = stands ? await readHead(this.process.link) : done.head
    const madeBlock = head.hash !== this.#head.hash
    // A mint that reverts is an error and a block all the same.
    if (!done.accepted && !madeBlock) return done.answer
    const entry: Entry = { kind: 'write', request: call.text, at, block: head, outcome: done.outcome }
    await this.#journal.append(time === undefined ? entry : { ...entry, time }).catch((error: unknown) => {
      throw new WasmateError('INTERNAL', `the journal can't be written (${describe(error)}): ${unsure}`)
    })
    this.#head = head
    this.#clock.accepted(call, at, madeBlock)
    return done.answer
  }

  /** Forgets every write: the next life of the chain begins at block 0. */
  async forget(): Promise<void> {
    await this.#journal.rewrite([])
  }

  async close(): Promise<void> {
    await this.#teardown.run()
  }
}

const unsure = 'the chain is being restored; look there whether the transaction was kept'

const reportMs = 100

interface Restored {
  clock: Clock
  head: Head
}

/** Sends every entry to a fresh child; throws CHAIN_DIVERGED at the first that turns out otherwise. */
async function restore({ link, child }: DevnetProcess, entries: Entry[], ctx: Context): Promise<Restored> {
  const clock = new Clock()
  let head = await readHead(link)
  const reportRestored = throttle(reportMs, (done: number) => {
    const fraction = done / entries.length
    ctx.report?.({ doing: `restoring ${done + 1} of ${entries.length} transactions`, fraction })
  })
  for (const [index, entry] of entries.entries()) {
    ctx.signal?.throwIfAborted()
    reportRestored(index)
    const place = `entry ${index + 1} of ${entries.length}`
    const [call] = readCalls(entry.request).calls
    try {
      await repeat(link, entry, place)
    } catch (error) {
      if (error instanceof WasmateError) throw error
      throw new WasmateError('DEVNET_EXITED', `at ${place}: ${child.output().trim()}`, { cause: error })
    }
    if (call) clock.accepted(call, entry.at, entry.block.hash !== head.hash)
    head = entry.block
  }
  return { clock, head }
}

async function repeat(link: Link, entry: Entry, place: string): Promise<void> {
  const got = await exchange(link, entry.request, entry.time)
  const head = got.head.hash === entry.block.hash ? got.head : await readHead(link)
  if (got.outcome === entry.outcome && isDeepStrictEqual(head, entry.block)) return
  throw new WasmateError(
    'CHAIN_DIVERGED',
    `${place} gave ${got.outcome} in block ${head.number} (${head.hash}); ` +
      `the journal has ${entry.outcome} in block ${entry.block.number} (${entry.block.hash})`,
  )
}

function throttle(everyMs: number, tell: (done: number) => void): (done: number) => void {
  let last = -everyMs
  return (done) => {
    if (performance.now() - last < everyMs) return
    last = performance.now()
    tell(done)
  }
}

function wallSeconds(): number {
  return Math.floor(Date.now() / 1000)
}
