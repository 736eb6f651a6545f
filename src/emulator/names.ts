// What can be asked about one name in a running emulator: its history, how it stands, whether it holds what it
// promises, how what is here differs from it, and to change it.

import type { Devnet } from '../devnet/devnet.ts'
import { WasmateError, fromProblem, toWasmateError } from '../base/errors.ts'
import { pause } from '../base/pause.ts'
import type {
  Changed,
  LogRequest,
  NameRequest,
  StreamContext,
  Verified,
  VerifyRequest,
} from '../client/messages.ts'
import { type Comparison, diff } from '../flows/diff.ts'
import { Lockfile } from '../lockfile.ts'
import type {
  ChangeReceipt,
  Context,
  RegisteredFunction,
  RegisteredVersion,
  RegistryChange,
  VersionRecord,
} from '../model.ts'
import { validateName } from '../name.ts'
import type { Registry } from '../registry/registry.ts'
import { isSame } from '../flows/served.ts'
import { type Verification, attest } from '../flows/verify.ts'
import { type LocalStages, diffStages } from './local.ts'
import type { Networks } from './networks.ts'
import { type SourcesOptions, verifyName } from './verifying.ts'

export interface NamesOptions extends LocalStages {
  devnet: Devnet
  sources: SourcesOptions
  networks: Networks
}

type VersionChange = Extract<RegistryChange, { kind: 'set-current' | 'yank' }>

const lookEveryMs = 10

export class Names {
  readonly #options: NamesOptions

  constructor(options: NamesOptions) {
    this.#options = options
  }

  async log({ name, network }: LogRequest, context: Context): Promise<VersionRecord[]> {
    return this.#options.networks.registry(network).history(name, context)
  }

  /** Until the signal ends it. */
  async watch({ name }: NameRequest, { signal, step }: StreamContext<'watch'>): Promise<null> {
    const ending = signal ?? new AbortController().signal
    for await (const current of this.#registry.watchName(name, ending)) step?.({ current: current ?? null })
    return null
  }

  async verify(request: VerifyRequest, context: StreamContext<'verify'>): Promise<Verified> {
    const { network = 'emulator' } = request
    if (network !== 'emulator') return this.#verifyElsewhere(network, request, context)
    const registry = this.#registry
    const { sources, chain, workspace } = this.#options
    const lockfile = new Lockfile(workspace.folder)
    const attestOnce = async (found: Verification): Promise<Verified['attested']> =>
      (await this.#hasAttested(found)) ? 'before' : attest(found, registry, context)
    const here = { registry, sources, lockfile, network: 'emulator', contract: chain.address }
    return verifyName(request, { ...here, attest: attestOnce }, context)
  }

  /** Its own gateways, where it has some; nothing is written there. */
  async #verifyElsewhere(
    network: string,
    request: VerifyRequest,
    context: StreamContext<'verify'>,
  ): Promise<Verified> {
    const attestThere = async (): Promise<never> => {
      throw new WasmateError('ACCOUNT_MISSING', `nothing is written to ${network} from here`)
    }
    if (request.attest) await attestThere()
    const { sources, workspace, networks } = this.#options
    const { registry, address: contract, gateways } = networks.open(network)
    const there = gateways.length > 0 ? { ...sources, gateways } : sources
    const lockfile = new Lockfile(workspace.folder)
    return verifyName(
      request,
      { registry, sources: there, lockfile, network, contract, attest: attestThere },
      context,
    )
  }

  async diff({ name }: NameRequest, context: Context): Promise<Comparison> {
    validateName(name)
    const here = async (): Promise<{ contract: string; account: string } | undefined> => {
      const { address: contract, status } = this.#options.chain
      if (contract === undefined || status.state !== 'ready') return undefined
      return { contract, account: await this.#account() }
    }
    const history = async (): Promise<VersionRecord[]> => this.#registry.history(name, context)
    return diff(name, { ...diffStages(name, this.#options), history, here }, context)
  }

  /** Resolves when the change is on the chain, and what answers here is as it says. */
  async change(change: RegistryChange, context: Context): Promise<Changed> {
    if (change.kind === 'set-current' || change.kind === 'yank') return this.#changeVersion(change, context)
    if (change.kind === 'attest' && (await this.#hasAttested(change))) return { state: 'unchanged' }
    return { state: 'changed', receipt: await this.#send(change, context) }
  }

  /** Throws VERSION_YANKED, FUNCTION_NOT_FOUND, or why the version that is current now does not answer. */
  async #changeVersion(change: VersionChange, context: Context): Promise<Changed> {
    const { name, version, kind } = change
    const wanted = await this.#registry.getVersion(name, version)
    if (kind === 'set-current' && wanted.yanked)
      throw new WasmateError('VERSION_YANKED', `${name} v${version}`)
    const was = await this.#findCurrent(name)
    const before = was?.version ?? 0
    if (kind === 'set-current' ? before === version : wanted.yanked) {
      return { state: 'unchanged', before, ...(was && { current: was }) }
    }
    const receipt = await this.#send(change, context)
    const current = await this.#findCurrent(name)
    if (current?.version !== before) await this.#follows(name, receipt, context)
    return { state: 'changed', receipt, before, ...(current && { current }) }
  }

  async #send(change: RegistryChange, context: Context): Promise<ChangeReceipt> {
    context.report?.({ doing: `waiting for the chain to accept the change of ${change.name}` })
    return this.#registry.change(change, context)
  }

  async #findCurrent(name: string): Promise<RegisteredVersion | undefined> {
    const found = await this.#registry.resolve(name).catch(unlessNotFound)
    return found?.current
  }

  /** Anybody may attest once: a second time says nothing new. */
  async #hasAttested({ name, version }: { name: string; version: number }): Promise<boolean> {
    return this.#registry.hasAttested(name, version, await this.#account())
  }

  /** Waits until what the block said of the name answers here; throws why it does not. */
  async #follows(name: string, { blockNumber }: ChangeReceipt, context: Context): Promise<void> {
    const ending = new AbortController()
    const signal = context.signal ? AbortSignal.any([context.signal, ending.signal]) : ending.signal
    try {
      await this.#options.chain.waitWith(this.#untilFollowed(name, blockNumber, signal), context)
    } catch (error) {
      const { code, message } = toWasmateError(error)
      throw new WasmateError(code, `${name} is changed in block ${blockNumber}, but ${message}`, {
        cause: error,
      })
    } finally {
      ending.abort()
    }
  }

  async #untilFollowed(name: string, blockNumber: number, signal: AbortSignal): Promise<void> {
    const { served } = this.#options
    while (!signal.aborted) {
      const [current, answering] = [served.current(name), served.answering(name)]
      if (served.currentSince(name) >= blockNumber) {
        if (current ? isSame(answering, current) : !answering) return
        const problem = served.problem(name)
        if (current && problem && isSame(problem, current)) throw fromProblem(problem.problem)
      }
      await pause(lookEveryMs, signal)
    }
  }

  /** Whose key signs here. */
  async #account(): Promise<string> {
    return (await this.#options.devnet.signer()).address
  }

  /** Throws CHAIN_NOT_READY, or why there will be no chain. */
  get #registry(): Registry {
    return this.#options.chain.registry
  }
}

/** What went wrong after something was done that stays done. */
export function afterAll(done: string, error: unknown): WasmateError {
  const { code, detail } = toWasmateError(error)
  if (code === 'CANCELLED') return toWasmateError(error)
  return new WasmateError(code, detail ? `${done}, but: ${detail}` : done, { cause: error })
}

function unlessNotFound(error: unknown): RegisteredFunction | undefined {
  if (toWasmateError(error).code === 'FUNCTION_NOT_FOUND') return undefined
  throw error
}
