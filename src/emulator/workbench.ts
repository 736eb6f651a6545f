// What an editor asks of a running emulator beside deploying: how far each function has come, a build alone, a call
// by hand, what was called before, who signs here, and word of every change.

import { basename, join } from 'node:path'
import { type Problem, WasmateError, toProblem } from '../base/errors.ts'
import { manifestName } from '../build/manifest.ts'
import { findSource, listSources } from '../build/source.ts'
import type {
  Account,
  Built,
  Change,
  HistoryRequest,
  InvokeRequest,
  StreamContext,
} from '../client/messages.ts'
import type { Devnet } from '../devnet/devnet.ts'
import { type Build, type Builds, stampSource } from '../flows/builds.ts'
import { type FunctionOverview, overview } from '../flows/overview.ts'
import type { Context, Source } from '../model.ts'
import type { History } from '../trace/history.ts'
import type { InvocationRecord } from '../trace/record.ts'
import { timed } from '../steps.ts'
import type { Changes } from './changes.ts'
import { type LocalStages, buildLocal } from './local.ts'
import type { Calls } from './receipts/calls.ts'
import type { Receipts } from './receipts/receipts.ts'

export interface WorkbenchOptions extends LocalStages {
  devnet: Devnet
  builds: Builds
  history: History
  changes: Changes
  calls: Calls
  receipts: Receipts
}

/** Fetch gives up a body that is silent for five minutes. */
const beatMs = 60_000

export class Workbench {
  readonly #options: WorkbenchOptions
  /** Why the last build of a source failed, by its path. */
  readonly #failures = new Map<string, Problem>()

  constructor(options: WorkbenchOptions) {
    this.#options = options
  }

  async overview(): Promise<FunctionOverview[]> {
    const { workspace, config, builds, content, outbox, served } = this.#options
    const broken: FunctionOverview[] = []
    const sources = await listSources(workspace.folder, config.runner, (folder, error) =>
      broken.push(describeBroken(folder, error)),
    )
    const described = await overview(sources, {
      find: (source) => builds.find(source),
      stamp: stampSource,
      pinned: async (cids) => {
        const found = await Promise.all(cids.map((cid) => content.isPinned(cid)))
        return new Set(cids.filter((_cid, index) => found[index]))
      },
      pending: (name) => outbox.pending.findLast((each) => each.name === name),
      current: (name) => served.current(name),
      answering: (name) => served.answering(name),
      problem: ({ path, name }) => this.#failures.get(path) ?? served.problem(name)?.problem,
    })
    return [...described, ...broken].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  async build({ path }: { path: string }, context: StreamContext<'build'>): Promise<Built> {
    const source = await findSource(path, this.#options.config.runner)
    const describe = ({ size, exports, toolchain }: Built): Record<string, unknown> => {
      return { bytes: size, exports, toolchain }
    }
    const report = context.step ?? ((): void => undefined)
    return this.watchBuild(
      source,
      () => timed(report, 'build', () => buildLocal(source, this.#options, context), describe),
      (built) => built,
    )
  }

  /** Remembers what a source was built to, or why it could not be. */
  async watchBuild<T>(
    source: Source,
    work: () => Promise<T>,
    toBuild: (result: T) => Pick<Build, 'cid' | 'size' | 'exports' | 'pinned'>,
  ): Promise<T> {
    const { builds, changes } = this.#options
    const stamp = await stampSource(source)
    try {
      const result = await work()
      const { cid, size, exports, pinned } = toBuild(result)
      this.#failures.delete(source.path)
      const build = { cid, size, exports, stamp, builtAt: Date.now(), ...(pinned && { pinned }) }
      await builds.record(source, build)
      return result
    } catch (error) {
      const problem = toProblem(error)
      if (isOfSource(problem)) this.#failures.set(source.path, problem)
      throw error
    } finally {
      changes.tell({ kind: 'functions' })
    }
  }

  /** Gives a record also of a call that failed. Throws CANCELLED alone. */
  async invoke(request: InvokeRequest, context: Context): Promise<InvocationRecord> {
    const { target, export: name, base64 } = request
    const input = Buffer.from(base64, 'base64')
    return this.#options.calls.invoke({ target, input, ...(name !== undefined && { export: name }) }, context)
  }

  async history(request: HistoryRequest): Promise<InvocationRecord[]> {
    const { before, limit, target } = request
    return this.#options.history.list({
      limit,
      ...(before !== undefined && { before }),
      ...(target !== undefined && { target }),
    })
  }

  async clear(): Promise<null> {
    await this.#options.history.clear()
    this.#options.receipts.forgetAll()
    return null
  }

  /** Throws CHAIN_NOT_READY. */
  async accounts(): Promise<Account[]> {
    const { devnet, chain } = this.#options
    if (chain.status.state !== 'ready') throw new WasmateError('CHAIN_NOT_READY', chain.status.state)
    const [accounts, signer] = await Promise.all([devnet.predeployedAccounts(), devnet.signer()])
    return Promise.all(
      accounts.map(async ({ address }) => {
        const balance = await devnet.balanceOf(address)
        return { address, signs: address === signer.address, balance }
      }),
    )
  }

  async changes(context: StreamContext<'changes'>): Promise<null> {
    const { changes } = this.#options
    const signal = context.signal ?? new AbortController().signal
    const tell = (change: Change): void => context.step?.(change)
    const listening = changes.listen(tell, signal)
    // The first says that from here on nothing is missed; one now and then keeps the connection.
    tell({ kind: 'status' })
    const beat = setInterval(tell, beatMs, { kind: 'status' })
    await listening.finally(() => clearInterval(beat))
    return null
  }
}

/** A folder whose wasmate.json says nothing that can be used: it is shown by the name of the folder. */
function describeBroken(folder: string, error: WasmateError): FunctionOverview {
  const problem = toProblem(error)
  return {
    ...{ name: basename(folder), path: folder, entry: join(folder, manifestName), language: 'unknown' },
    ...{ exports: [], standing: 'failed', why: problem.detail, pinned: false, problem },
  }
}

/** What the source itself has to be mended for. */
function isOfSource({ code }: Problem): boolean {
  return ['BUILD_FAILED', 'WASM_INVALID', 'WASM_NO_EXPORTS', 'MANIFEST_INVALID'].includes(code)
}
