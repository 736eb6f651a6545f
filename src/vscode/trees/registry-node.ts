// A registered name, its versions below it, and below each of those what the chain tells of it.

import {
  type MarkdownString,
  ThemeColor,
  ThemeIcon,
  type TreeItem,
  TreeItemCollapsibleState,
  l10n,
} from 'vscode'
import type { ControlClient } from '../../client/control.ts'
import type { ListedFunction, VersionRecord } from '../../model.ts'
import { goodIcon, leaf, toTreeItem, warningIcon } from './leaf.ts'
import type { Node } from './node.ts'
import { formatBytes, formatTime, oneLine, shorten, tooltipOf } from './words.ts'

export interface RegistryPlace {
  client: ControlClient
  network: string
  /** Addresses that sign here, as `toKey` writes them. */
  mine: ReadonlySet<string>
}

/** Carries what commands on names take: `name`, and `network` where it is. */
export class RegisteredNode implements Node {
  readonly name: string
  readonly network: string
  readonly cid: string | undefined
  readonly address: string
  readonly #listed: ListedFunction
  readonly #place: RegistryPlace

  constructor(listed: ListedFunction, place: RegistryPlace) {
    this.name = listed.name
    this.network = place.network
    this.cid = listed.current?.cid
    this.address = listed.owner
    this.#listed = listed
    this.#place = place
  }

  get #isMine(): boolean {
    const { owner } = this.#listed
    return owner !== '' && this.#place.mine.has(toKey(owner))
  }

  toItem(): TreeItem {
    const { name, current } = this.#listed
    const [label, whose] = [oneLine(name), this.#isMine ? l10n.t('mine') : l10n.t('of another account')]
    const version = current ? `v${current.version}` : l10n.t('no current version')
    const parts = [version, ...(current ? [shorten(current.cid)] : []), ...(this.#isMine ? [whose] : [])]
    const look = {
      ...{ id: `registered ${this.network} ${name}`, label, description: parts.join(' · ') },
      icon: current ? new ThemeIcon(this.#isMine ? 'verified' : 'package') : warningIcon,
      contextValue: `registered.${this.#isMine ? 'mine' : 'other'}${current ? '' : '.none'}`,
      spoken: [label, version, whose].join(', '),
    }
    return toTreeItem(look, TreeItemCollapsibleState.Collapsed)
  }

  tooltip(): MarkdownString {
    const { name, owner, versionCount, current } = this.#listed
    return tooltipOf(name, [
      [l10n.t('Network'), this.network],
      [l10n.t('Current version'), current ? `${current.version}` : l10n.t('none')],
      [l10n.t('Versions'), `${versionCount}`],
      ['CID', current?.cid],
      ['SHA-256', current?.sha256],
      [l10n.t('Size'), current && current.size > 0 ? formatBytes(current.size) : undefined],
      [l10n.t('Owner'), `${owner}${this.#isMine ? ` (${l10n.t('mine')})` : ''}`],
    ])
  }

  async children(): Promise<Node[]> {
    const { client, network } = this.#place
    const request = { name: this.name, ...(network !== 'emulator' && { network }) }
    const versions = await client.stream('log', request, {})
    const mine = this.#isMine ? '.mine' : ''
    return [...versions.map((each) => new VersionNode(each, this.#place, mine)), this.#owner()]
  }

  #owner(): Node {
    const { owner } = this.#listed
    const icon = new ThemeIcon('person')
    const description = this.#isMine ? `${shorten(owner)} · ${l10n.t('mine')}` : shorten(owner)
    return addressLeaf(l10n.t('Owner'), owner, { icon, description })
  }
}

/** Carries `name`, `version` and `cid`. */
class VersionNode implements Node {
  readonly name: string
  readonly network: string
  readonly version: number
  readonly cid: string
  readonly #record: VersionRecord
  readonly #place: RegistryPlace
  readonly #mine: string

  constructor(record: VersionRecord, place: RegistryPlace, mine: string) {
    this.name = record.name
    this.network = place.network
    this.version = record.version
    this.cid = record.cid
    this.#record = record
    this.#place = place
    this.#mine = mine
  }

  get #state(): 'current' | 'yanked' | 'earlier' {
    const { isCurrent, yanked } = this.#record
    return yanked ? 'yanked' : isCurrent ? 'current' : 'earlier'
  }

  toItem(): TreeItem {
    const { name, version, cid, attestedBy, publishedAt } = this.#record
    const icons = {
      current: goodIcon,
      yanked: new ThemeIcon('circle-slash', new ThemeColor('list.errorForeground')),
      earlier: new ThemeIcon('history'),
    }
    const states = { current: l10n.t('current'), yanked: l10n.t('yanked'), earlier: '' }
    const state = states[this.#state]
    const attested = attestedBy.length > 0 ? l10n.t('{0} attested', attestedBy.length) : ''
    const parts = [state, shorten(cid), attested, formatTime(publishedAt * 1000)].filter(Boolean)
    const look = {
      ...{ id: `version ${this.network} ${name} ${version}`, label: `v${version}` },
      ...{ description: parts.join(' · '), icon: icons[this.#state] },
      contextValue: `version.${this.#state}${this.#mine}`,
      spoken: [`${l10n.t('version')} ${version}`, state, attested].filter(Boolean).join(', '),
    }
    return toTreeItem(look, TreeItemCollapsibleState.Collapsed)
  }

  tooltip(): MarkdownString {
    const { name, version, cid, sha256, size, publishedAt, blockNumber, transactionHash } = this.#record
    return tooltipOf(`${name} v${version}`, [
      ['CID', cid],
      ['SHA-256', sha256],
      [l10n.t('Size'), formatBytes(size)],
      [l10n.t('Published'), formatTime(publishedAt * 1000)],
      [l10n.t('Block'), `${blockNumber}`],
      [l10n.t('Transaction'), transactionHash],
    ])
  }

  async children(): Promise<Node[]> {
    const { cid, sourceCid, publisher, attestedBy, transactionHash } = this.#record
    const person = new ThemeIcon('person')
    const isMine = (address: string): boolean => this.#place.mine.has(toKey(address))
    const say = (address: string): string =>
      isMine(address) ? `${shorten(address)} · ${l10n.t('mine')}` : shorten(address)
    return [
      cidLeaf('CID', cid, 'file-binary'),
      ...(sourceCid ? [cidLeaf(l10n.t('Source'), sourceCid, 'folder')] : []),
      addressLeaf(l10n.t('Published by'), publisher, { icon: person, description: say(publisher) }),
      ...attestedBy.map((each) =>
        addressLeaf(l10n.t('Attested by'), each, {
          icon: new ThemeIcon('verified'),
          description: say(each),
        }),
      ),
      addressLeaf(l10n.t('Transaction'), transactionHash, {
        icon: new ThemeIcon('arrow-swap'),
        description: shorten(transactionHash),
      }),
    ]
  }
}

/** Addresses are written with and without leading zeros. */
export function toKey(address: string): string {
  return BigInt(address).toString(16)
}

function cidLeaf(label: string, cid: string, icon: string): Node {
  const look = { label, description: shorten(cid), icon: new ThemeIcon(icon), contextValue: 'cid' }
  return leaf({ ...look, tooltip: tooltipOf(label, [['CID', cid]]) }, { cid })
}

export function addressLeaf(
  label: string,
  address: string,
  { icon, description }: { icon: ThemeIcon; description: string },
): Node {
  const tooltip = tooltipOf(label, [['', address]])
  return leaf({ label, description, icon, tooltip, contextValue: 'address' }, { address })
}
