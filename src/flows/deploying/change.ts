// Flow of what is changed on a network beside publishing: rollback, yank, transfer, attest, by the same path.

import { WasmateError } from '../../base/errors.ts'
import type { ChangeReceipt, Context, RegisteredVersion, RegistryChange } from '../../model.ts'
import type { NameRegistry } from '../../registry/names.ts'
import { type Target, connect, warningsOf } from './connect.ts'
import { findCurrent, waitUntil } from './deploy.ts'
import { type Plan, toFee } from './plan.ts'
import { Standing } from './standing.ts'

export interface ChangingStages extends Target {
  /** Throws to stop: nothing was sent until then. */
  confirm(plan: Plan): Promise<void>
}

export interface ChangedThere {
  state: 'changed' | 'unchanged'
  network: string
  contract: string
  account: string
  receipt?: ChangeReceipt
  /** What answers from now on; of `set-current`. */
  current?: RegisteredVersion
  /** What was paid, in FRI. */
  fee?: string
}

/** What is so already is not sent. Every error says whether something was sent; the same again sends nothing twice. */
export async function changeOn(
  change: RegistryChange,
  stages: ChangingStages,
  context: Context,
): Promise<ChangedThere> {
  const standing = new Standing('change')
  try {
    return await run(change, stages, standing, context)
  } catch (error) {
    throw standing.explain(error)
  }
}

async function run(
  change: RegistryChange,
  stages: ChangingStages,
  standing: Standing,
  context: Context,
): Promise<ChangedThere> {
  const { network, profile, signer, confirm } = stages
  const there = connect(
    stages,
    {
      operation: JSON.stringify(change),
      subject: change.name,
      approve: async (price) => {
        const warnings = warningsOf(profile)
        const [contract, doing] = [there.address, describeChange(change)]
        await confirm({ network, contract, account: signer.address, doing, fee: toFee(price), warnings })
      },
      tell: standing.follow,
    },
    context.signal,
  )
  const { registry, address: contract, sent } = there
  const told = { network, contract, account: signer.address }
  if (await holds(change, registry, signer.address)) {
    await sent.clear()
    return { state: 'unchanged', ...told, ...(await currentAfter(change, registry)) }
  }
  const receipt = await registry.change(change, context)
  // What can't be read back has its receipt alone.
  if (isReadable(change)) {
    await waitUntil(() => holds(change, registry, signer.address), change.name, context)
  }
  await sent.clear()
  const { landed } = standing
  const fee = landed && { fee: landed.fee.toString() }
  return { state: 'changed', ...told, receipt, ...fee, ...(await currentAfter(change, registry)) }
}

/** Whoever rolls back writes it into wasmate.lock. */
async function currentAfter(
  { kind, name }: RegistryChange,
  registry: NameRegistry,
): Promise<Pick<ChangedThere, 'current'>> {
  const found = kind === 'set-current' ? await findCurrent(registry, name) : undefined
  return found ? { current: found.current } : {}
}

function isReadable({ kind }: RegistryChange): boolean {
  return kind === 'set-current' || kind === 'yank' || kind === 'attest' || kind === 'accept-ownership'
}

/** Throws VERSION_YANKED, FUNCTION_NOT_FOUND or REGISTRY_UNSUPPORTED before anything is sent. */
async function holds(change: RegistryChange, registry: NameRegistry, account: string): Promise<boolean> {
  const { name } = change
  if (change.kind === 'attest') return registry.hasAttested(name, change.version, account)
  if (change.kind === 'accept-ownership') {
    const found = await findCurrent(registry, name)
    return found !== undefined && found.owner !== '' && BigInt(found.owner) === BigInt(account)
  }
  if (change.kind !== 'set-current' && change.kind !== 'yank') return false
  const { yanked } = await registry.getVersion(name, change.version)
  if (change.kind === 'yank') return yanked
  if (yanked) throw new WasmateError('VERSION_YANKED', `${name} v${change.version}`)
  return (await findCurrent(registry, name))?.current.version === change.version
}

/** As people are asked. */
export function describeChange(change: RegistryChange): string {
  const { name } = change
  switch (change.kind) {
    case 'set-current':
      return `make v${change.version} of ${name} current`
    case 'yank':
      return `yank v${change.version} of ${name}, for ever`
    case 'transfer-ownership':
      return `offer ${name} to ${change.to}`
    case 'accept-ownership':
      return `accept ${name}`
    case 'add-maintainer':
      return `let ${change.account} publish ${name}`
    case 'remove-maintainer':
      return `let ${change.account} publish ${name} no more`
    case 'attest':
      return `attest v${change.version} of ${name}`
  }
}
