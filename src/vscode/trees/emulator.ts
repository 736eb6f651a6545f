// Emulator: its parts and where they listen, how far the chain is, what is wrong and what to do about it, accounts.

import { ThemeIcon, type TreeItem, TreeItemCollapsibleState, l10n, workspace } from 'vscode'
import { fromProblem } from '../../base/errors.ts'
import type { ControlClient } from '../../client/control.ts'
import type { Account, ChainState, EmulatorStatus } from '../../client/messages.ts'
import type { NameProblem } from '../../flows/served.ts'
import type { EmulatorLink } from '../emulator/link.ts'
import type { Emulators } from '../emulators.ts'
import { errorIcon, failureNode, goodIcon, group, leaf, toTreeItem, warningIcon } from './leaf.ts'
import type { Node } from './node.ts'
import { View } from './view.ts'
import { addressLeaf } from './registry-node.ts'
import { formatStrk, oneLine, shorten, tooltipOf } from './words.ts'

type Url = keyof EmulatorStatus['urls']

export class EmulatorView extends View {
  constructor(emulators: Emulators) {
    super(emulators, (kind) => kind !== 'functions')
  }

  protected override async roots({ state, status, client, problem }: EmulatorLink): Promise<Node[]> {
    if (!workspace.isTrusted) return []
    if (state === 'failed' && problem) return [failureNode(fromProblem(problem))]
    if (state === 'starting') return [busyNode(l10n.t('Starting'))]
    if (state === 'stopping') return [busyNode(l10n.t('Stopping'))]
    if (!status || !client) return []
    return [
      ...problemNodes(status),
      chainNode(status),
      ...waitingNodes(status),
      ...(status.registry !== undefined ? [registryNode(status.registry)] : []),
      new AccountsNode(client, status.chain.state),
      ...urlNodes(status),
    ]
  }
}

function busyNode(label: string): Node {
  return leaf({ label, icon: new ThemeIcon('loading~spin'), contextValue: 'busy' }, {})
}

function chainNode({ chain: { state, progress, problem } }: EmulatorStatus): Node {
  const still = { ready: goodIcon, failed: errorIcon, stopped: new ThemeIcon('circle-slash') }
  const icon = Object.entries(still).find(([each]) => each === state)?.[1] ?? new ThemeIcon('loading~spin')
  const percent = progress?.fraction === undefined ? '' : ` ${Math.floor(progress.fraction * 100)} %`
  const doing = progress && state !== 'ready' ? oneLine(progress.doing) + percent : ''
  const words = [sayChain(state), doing].filter(Boolean).join(' · ')
  const look = {
    ...{ id: 'chain', label: l10n.t('Chain'), description: words, icon, contextValue: `chain.${state}` },
    spoken: `${l10n.t('Chain')}: ${words}`,
  }
  return problem ? group(look, [failureNode(fromProblem(problem))]) : leaf(look, {})
}

function sayChain(state: ChainState): string {
  const words: Record<ChainState, string> = {
    waiting: l10n.t('getting starknet-devnet'),
    starting: l10n.t('starting'),
    restoring: l10n.t('restoring'),
    registering: l10n.t('deploying the registry'),
    ready: l10n.t('ready'),
    failed: l10n.t('failed'),
    stopped: l10n.t('stopped'),
  }
  return words[state]
}

function problemNodes({ problems }: EmulatorStatus): Node[] {
  if (problems.length === 0) return []
  const label = l10n.t('Problems')
  const description = `${problems.length}`
  const look = { id: 'problems', label, description, icon: warningIcon, spoken: `${label}: ${description}` }
  return [group(look, problems.map(problemNode))]
}

function problemNode({ name, version, cid, problem }: NameProblem): Node {
  const look = {
    ...{ id: `problem ${name}`, label: oneLine(name), description: `v${version}`, icon: warningIcon },
    spoken: l10n.t('{0} v{1} does not answer', oneLine(name), version),
    tooltip: tooltipOf(name, [
      ['', problem.detail],
      ['CID', cid],
    ]),
  }
  return group(look, [failureNode(fromProblem(problem), warningIcon)])
}

function waitingNodes({ pending }: EmulatorStatus): Node[] {
  if (pending.length === 0) return []
  const icon = new ThemeIcon('watch')
  const names = pending.map((name) => leaf({ label: oneLine(name), icon, contextValue: 'waiting' }, { name }))
  const label = l10n.t('Waiting for the chain')
  return [group({ id: 'waiting', label, description: `${pending.length}`, icon }, names)]
}

function registryNode(address: string): Node {
  const icon = new ThemeIcon('book')
  return addressLeaf(l10n.t('Registry contract'), address, { icon, description: shorten(address) })
}

function urlNodes({ urls }: EmulatorStatus): Node[] {
  const parts: [Url, string, string][] = [
    ['functions', l10n.t('Functions over HTTP'), 'globe'],
    ['rpc', l10n.t('Starknet RPC'), 'plug'],
    ['gateway', l10n.t('Trustless gateway'), 'globe'],
    ['kubo', l10n.t('Kubo RPC'), 'plug'],
    ['lassie', l10n.t('Retrieval'), 'plug'],
    ['pinning', l10n.t('Pinning service'), 'pin'],
    ['control', l10n.t('Control API'), 'settings-gear'],
  ]
  return parts.flatMap(([part, label, icon]) => {
    const url = urls[part]
    if (!url) return []
    const browsable = part === 'functions' || part === 'gateway'
    const look = { id: `url ${part}`, label, description: url, icon: new ThemeIcon(icon) }
    return [leaf({ ...look, contextValue: browsable ? 'url.page' : 'url' }, { url })]
  })
}

class AccountsNode implements Node {
  readonly #client: ControlClient
  readonly #state: ChainState

  constructor(client: ControlClient, state: ChainState) {
    this.#client = client
    this.#state = state
  }

  toItem(): TreeItem {
    const look = { id: 'accounts', label: l10n.t('Accounts'), icon: new ThemeIcon('organization') }
    const isReady = this.#state === 'ready'
    return isReady
      ? toTreeItem(look, TreeItemCollapsibleState.Collapsed)
      : toTreeItem({ ...look, description: l10n.t('when the chain is ready') })
  }

  async children(): Promise<Node[]> {
    return (await this.#client.stream('accounts', {}, {})).map(accountNode)
  }
}

function accountNode({ address, signs, balance }: Account): Node {
  const words = [formatStrk(balance), ...(signs ? [l10n.t('signs here')] : [])].join(' · ')
  const look = {
    ...{ id: `account ${address}`, label: shorten(address), description: words },
    ...{ icon: new ThemeIcon(signs ? 'key' : 'account'), contextValue: 'address' },
    tooltip: tooltipOf(l10n.t('Account'), [
      ['', address],
      [l10n.t('Balance'), `${formatStrk(balance)} (${balance} FRI)`],
    ]),
    spoken: `${l10n.t('Account')} ${shorten(address)}, ${words}`,
  }
  return leaf(look, { address })
}
