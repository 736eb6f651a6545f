// Flow to a network: built bytes -> replay -> plan -> (confirm) -> pin -> fetch back -> send -> resolve -> fetch back.

import { WasmateError, toWasmateError } from '../../base/errors.ts'
import { pause } from '../../base/pause.ts'
import type { Context, Publication, RegisteredFunction, RegisteredVersion } from '../../model.ts'
import type { Price } from '../../registry/paid/cost.ts'
import type { NameRegistry } from '../../registry/names.ts'
import { type Report, elapsed, timed } from '../../steps.ts'
import { type Target, connect, warningsOf } from './connect.ts'
import { type Places, fetchBack, namePlaces, pinMaterial } from './keeping.ts'
import type { Material } from './material.ts'
import { type Plan, toFee } from './plan.ts'
import { type ReplayLast, replayBefore } from './replayed.ts'
import { Standing } from './standing.ts'

export interface DeployingStages extends Target {
  places: Places
  /** Trustless gateways that it has to be fetched back from; one at least. */
  gateways: readonly string[]
  maxFetchBytes: number
  patienceMs: number
  replay: ReplayLast
  /** Throws to stop: nothing was pinned or sent until then. */
  confirm(plan: Plan): Promise<void>
}

export interface DeployedThere {
  state: 'registered' | 'unchanged'
  network: string
  contract: string
  account: string
  publication: Publication
  exports: string[]
  /** As it stands on the chain now. */
  version: number
  before: { version: number; cid: string } | null
  pinnedAt: string[]
  fetchedFrom: string[]
  /** Absent when nothing was sent. `fee` in FRI, decimal digits. */
  transaction?: { hash: string; block: number; fee: string; url?: string }
}

/**
 * Every error says how things stand: what is pinned, what was sent. The same again goes on from there and sends
 * nothing twice.
 */
export async function deployTo(
  material: Material,
  stages: DeployingStages,
  context: Context,
  report: Report,
): Promise<DeployedThere> {
  const standing = new Standing('publication')
  try {
    return await new Deploying(material, stages, standing, report).run(context)
  } catch (error) {
    throw standing.explain(error)
  }
}

class Deploying {
  readonly #material: Material
  readonly #stages: DeployingStages
  readonly #standing: Standing
  readonly #report: Report
  /** What the name meant when it was looked at. */
  #before: RegisteredVersion | undefined

  constructor(material: Material, stages: DeployingStages, standing: Standing, report: Report) {
    this.#material = material
    this.#stages = stages
    this.#standing = standing
    this.#report = report
  }

  async run(context: Context): Promise<DeployedThere> {
    const { places, network } = this.#stages
    const { publication } = this.#material
    const { name } = publication
    const pinAt = namePlaces(places)
    const from = performance.now()
    const there = connect(
      this.#stages,
      {
        operation: JSON.stringify(publication),
        subject: name,
        approve: (price, asked) => this.#approve(price, there.address, elapsed(from), asked),
        tell: this.#standing.follow,
      },
      context.signal,
    )
    const { registry, address, sent } = there
    const before = await timed(
      this.#report,
      'resolve',
      () => findCurrent(registry, name),
      (found) => ({ name, network, version: found?.current.version ?? 0, cid: found?.current.cid ?? '' }),
    )
    this.#before = before?.current
    if (before && this.#isSame(before.current)) {
      await sent.clear()
      return this.#unchanged(before.current, address, context)
    }
    const sending = performance.now()
    const registration = await registry.publish(publication, context)
    const { version, transactionHash, blockNumber } = registration
    const facts = { state: 'registered', name, version, transaction: transactionHash, block: blockNumber }
    this.#report({ step: 'register', ms: elapsed(sending), facts })
    await this.#verify(registry, version, context)
    await sent.clear()
    return this.#deployed('registered', version, address, pinAt)
  }

  /** The old contract keeps nothing but the CID. */
  #isSame(current: RegisteredVersion): boolean {
    const { cid, sha256, sourceCid } = this.#material.publication
    if (current.cid !== cid) return false
    if (this.#stages.profile.kind === 'wasm-cid') return true
    return current.sha256 === sha256 && current.sourceCid === sourceCid
  }

  /** Between the estimate and the sending: the question, and then all that has to be there before money is spent. */
  async #approve(price: Price, contract: string, ms: number, context: Context): Promise<void> {
    const { network, profile, signer, places, gateways, replay, confirm } = this.#stages
    const { name, cid, size, sourceCid } = this.#material.publication
    const fee = toFee(price)
    this.#report({ step: 'estimate', ms, facts: { ...fee } })
    const replayed = await replayBefore(replay, context)
    await confirm({
      ...{ network, contract, account: signer.address, doing: `publish ${name}`, fee },
      change: {
        ...{ name, from: standsAt(this.#before), to: { cid, size, sourceCid } },
        ...{ pinAt: namePlaces(places), fetchFrom: [...gateways], ...(replayed && { replayed }) },
      },
      warnings: warningsOf(profile),
    })
    await this.#keep(context)
  }

  async #keep(context: Context): Promise<void> {
    const { places } = this.#stages
    const { cid, size } = this.#material.publication
    await timed(
      this.#report,
      'pin',
      () => pinMaterial(this.#material, places, context),
      () => ({ cid, size }),
    )
    this.#standing.pinned = namePlaces(places)
    await this.#fetchBack(context)
  }

  #fetchBack(context: Context): Promise<void> {
    const { gateways, maxFetchBytes: maxBytes, patienceMs } = this.#stages
    const { cid, size } = this.#material.publication
    return timed(
      this.#report,
      'fetch',
      () => fetchBack(this.#material, { ...context, gateways, maxBytes, patienceMs }),
      () => ({ cid, bytes: size }),
    )
  }

  /** The same bytes are current: that they can still be fetched is seen to, and nothing is sent. */
  async #unchanged(current: RegisteredVersion, contract: string, context: Context): Promise<DeployedThere> {
    await this.#fetchBack({ ...context }).catch(async (error: unknown) => {
      if (toWasmateError(error).code !== 'NOT_SERVED') throw error
      await this.#keep(context)
    })
    return this.#deployed('unchanged', current.version, contract, this.#standing.pinned)
  }

  /** As the chain and the gateways tell it, and not as it was sent. */
  async #verify(registry: NameRegistry, version: number, context: Context): Promise<void> {
    const { name } = this.#material.publication
    await timed(
      this.#report,
      'resolve',
      () => waitUntil(async () => this.#stands(await findCurrent(registry, name), version), name, context),
      () => ({ name, version, cid: this.#material.publication.cid }),
    )
    await this.#fetchBack(context)
  }

  #stands(found: RegisteredFunction | undefined, version: number): boolean {
    return found !== undefined && found.current.version === version && this.#isSame(found.current)
  }

  #deployed(
    state: DeployedThere['state'],
    version: number,
    contract: string,
    pinnedAt: string[],
  ): DeployedThere {
    const { network, signer, gateways, profile } = this.#stages
    const { publication, exports } = this.#material
    const { landed } = this.#standing
    return {
      ...{ state, network, contract, account: signer.address, publication, exports, version },
      ...{ before: standsAt(this.#before), pinnedAt, fetchedFrom: [...gateways] },
      ...(landed && { transaction: toTransaction(landed, profile.explorer) }),
    }
  }
}

function toTransaction(
  { transactionHash: hash, blockNumber: block, fee }: NonNullable<Standing['landed']>,
  explorer: string | undefined,
): NonNullable<DeployedThere['transaction']> {
  const url = explorer === undefined ? {} : { url: `${explorer.replace(/\/+$/, '')}/tx/${hash}` }
  return { hash, block, fee: fee.toString(), ...url }
}

function standsAt(current: RegisteredVersion | undefined): { version: number; cid: string } | null {
  return current ? { version: current.version, cid: current.cid } : null
}

export async function findCurrent(
  registry: Pick<NameRegistry, 'resolve'>,
  name: string,
): Promise<RegisteredFunction | undefined> {
  try {
    return await registry.resolve(name)
  } catch (error) {
    if (toWasmateError(error).code === 'FUNCTION_NOT_FOUND') return undefined
    throw error
  }
}

/** The nodes behind a public RPC do not all see a block at one time. */
const lagMs = 30_000

/** Throws NOT_AS_SENT. */
export async function waitUntil(
  holds: () => Promise<boolean>,
  what: string,
  { signal = new AbortController().signal }: Context,
): Promise<void> {
  const deadline = performance.now() + lagMs
  for (let pauseMs = 50; !(await holds()); pauseMs = Math.min(pauseMs * 2, 2_000)) {
    if (performance.now() > deadline) throw new WasmateError('NOT_AS_SENT', what)
    await pause(pauseMs, signal)
    signal.throwIfAborted()
  }
}
