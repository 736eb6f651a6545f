// A function of the workspace, and below it what it exports and where its bytes are.

import {
  type MarkdownString,
  ThemeIcon,
  type TreeItem,
  TreeItemCollapsibleState,
  Uri,
  l10n,
  workspace,
} from 'vscode'
import { fromProblem } from '../../base/errors.ts'
import type { FunctionOverview } from '../../flows/overview.ts'
import type { Source } from '../../model.ts'
import type { LinkState } from '../emulator/link.ts'
import { failureNode, leaf, toTreeItem } from './leaf.ts'
import type { Node } from './node.ts'
import { sayStanding, standingIcon } from './standing.ts'
import { formatBytes, formatTime, shorten, tooltipOf } from './words.ts'

/** Carries what commands on functions take: `name` and `path`. */
export class FunctionNode implements Node {
  readonly overview: FunctionOverview
  readonly name: string
  readonly path: string
  /** Of what answers, else of what was built. */
  readonly cid: string | undefined

  constructor(overview: FunctionOverview) {
    this.overview = overview
    this.name = overview.name
    this.path = overview.path
    this.cid = overview.served?.cid ?? overview.local?.cid
  }

  toItem(): TreeItem {
    const { name, path, entry, standing, why, registered, served } = this.overview
    const words = sayStanding(standing)
    const version = served ?? registered
    const look = {
      ...{ id: `function ${path}`, label: name, icon: standingIcon(standing) },
      description:
        standing === 'in-step' && version ? `v${version.version} · ${shorten(version.cid)}` : words,
      contextValue: `function${registered ? '.registered' : ''}`,
      spoken: `${name}, ${words}. ${why}`,
      command: openCommand(entry),
    }
    return toTreeItem(look, TreeItemCollapsibleState.Collapsed)
  }

  async children(): Promise<Node[]> {
    const { problem } = this.overview
    return [...(problem ? [failureNode(fromProblem(problem))] : []), ...this.#exports(), ...this.#stages()]
  }

  #exports(): Node[] {
    const { name, path, exports, defaultExport } = this.overview
    return exports.map((each) =>
      leaf(
        {
          ...{ id: `export ${path} ${each}`, label: each, icon: new ThemeIcon('symbol-method') },
          ...(each === defaultExport && { description: l10n.t('what a call without an export means') }),
          contextValue: 'export',
          spoken: l10n.t('export {0} of {1}', each, name),
        },
        { name, path, export: each },
      ),
    )
  }

  /** local = pinned = registered = served, each with its CID. */
  #stages(): Node[] {
    const { path, local, pinned, registered, served } = this.overview
    const built = local && `${formatBytes(local.size)} · ${formatTime(local.builtAt)}`
    const expected = local?.cid
    const stage = (label: string, cid: string | undefined, more: string | undefined): Node => {
      const isSame = cid !== undefined && cid === expected
      const description = [cid && shorten(cid), more].filter(Boolean).join(' · ') || l10n.t('nothing')
      const look = {
        ...{ id: `stage ${path} ${label}`, label, description },
        icon: new ThemeIcon(cid === undefined ? 'circle-outline' : isSame ? 'check' : 'diff'),
        tooltip: tooltipOf(label, [['CID', cid]]),
        contextValue: cid === undefined ? 'stage' : 'cid',
        spoken: `${label}: ${description}${!cid || isSame ? '' : `, ${l10n.t('not what is built here')}`}`,
      }
      return leaf(look, { ...(cid !== undefined && { cid }) })
    }
    return [
      stage(l10n.t('Local'), local?.cid, built),
      stage(l10n.t('Pinned'), pinned ? expected : undefined, undefined),
      stage(l10n.t('Registered'), registered?.cid, registered && `v${registered.version}`),
      stage(l10n.t('Served'), served?.cid, served && `v${served.version}`),
    ]
  }

  tooltip(): MarkdownString {
    const { name, why, local, pinned, registered, served, language, entry, problem } = this.overview
    return tooltipOf(name, [
      ['', why],
      [l10n.t('Next'), problem?.next],
      [l10n.t('Local'), local?.cid],
      [l10n.t('Pinned'), pinned ? local?.cid : l10n.t('no')],
      [l10n.t('Registered'), registered && `v${registered.version} ${registered.cid}`],
      [l10n.t('Served'), served && `v${served.version} ${served.cid}`],
      [l10n.t('Source'), `${entry} (${language})`],
    ])
  }
}

/** As it lies on disk: how far it has come is only known while an emulator runs. */
export class StoppedFunctionNode implements Node {
  readonly name: string
  readonly path: string
  readonly #source: Source
  readonly #state: LinkState

  constructor(source: Source, state: LinkState) {
    this.name = source.name
    this.path = source.path
    this.#source = source
    this.#state = state
  }

  toItem(): TreeItem {
    const { name, path, entry, language } = this.#source
    const words = this.#sayWhy()
    return toTreeItem({
      ...{ id: `function ${path}`, label: name, icon: standingIcon('unknown'), description: words },
      tooltip: tooltipOf(name, [
        ['', words],
        [l10n.t('Source'), `${entry} (${language})`],
      ]),
      contextValue: 'function.stopped',
      spoken: `${name}, ${words}`,
      command: openCommand(entry),
    })
  }

  #sayWhy(): string {
    if (!workspace.isTrusted) return l10n.t('this folder is not trusted')
    return this.#state === 'starting' ? l10n.t('emulator starting') : sayStanding('unknown')
  }
}

function openCommand(entry: string): { command: string; title: string; arguments: unknown[] } | undefined {
  // A ready module is no text.
  if (entry.endsWith('.wasm')) return undefined
  return { command: 'vscode.open', title: l10n.t('Open Source'), arguments: [Uri.file(entry)] }
}
