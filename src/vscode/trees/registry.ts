// Registry: the names on the chosen network and their versions, page by page, live where the network is the emulator.

import { commands, workspace } from 'vscode'
import type { ControlClient } from '../../client/control.ts'
import type { ListedFunction } from '../../model.ts'
import type { EmulatorLink } from '../emulator/link.ts'
import type { Emulators } from '../emulators.ts'
import type { Node } from './node.ts'
import { View } from './view.ts'
import { Pages, moreNode } from './pages.ts'
import { RegisteredNode, toKey } from './registry-node.ts'

/** Of the control API. */
const mostAtOnce = 1000

/** What a filter looks through: beyond it a registry is searched by name, not by list. */
const mostFiltered = 20_000

const pageSize = 1000

/** What is seen at once: the chain takes its time for a page. */
const firstSize = 100

export class RegistryView extends View {
  readonly #network: () => string
  readonly #pages = new Pages(pageSize, firstSize)
  /** Addresses that sign in an emulator; they do not change while it runs. */
  readonly #mine = new WeakMap<ControlClient, Promise<ReadonlySet<string>>>()
  #filter = ''

  /** `network` names the chosen one. */
  constructor(emulators: Emulators, network: () => string) {
    super(emulators, (kind) => kind === 'state' || (kind !== 'functions' && network() === 'emulator'))
    this.#network = network
  }

  get network(): string {
    return this.#network()
  }

  get filter(): string {
    return this.#filter
  }

  /** Names, CIDs and owners that hold the text, in any case; empty: all. */
  setFilter(text: string): void {
    this.#filter = text.trim()
    void commands.executeCommand('setContext', 'wasmate.registryFiltered', this.#filter !== '')
    this.refreshNow()
  }

  protected override async roots({ client, status }: EmulatorLink): Promise<Node[]> {
    const network = this.#network()
    if (!client || !workspace.isTrusted) return []
    if (network === 'emulator' && status?.chain.state !== 'ready') return []
    const [{ functions, hasMore }, mine] = await Promise.all([
      this.#read(client, network),
      network === 'emulator' ? this.#accounts(client) : new Set<string>(),
    ])
    const nodes = functions.map((each) => new RegisteredNode(each, { client, network, mine }))
    if (!hasMore) return nodes
    // The beginning is seen at once, the rest of its page comes by itself.
    if (!this.#pages.isWhole) this.#more()
    return [...nodes, moreNode(nodes.length, () => this.#more())]
  }

  #more(): void {
    this.#pages.grow()
    this.refreshNow()
  }

  async #read(
    client: ControlClient,
    network: string,
  ): Promise<{ functions: ListedFunction[]; hasMore: boolean }> {
    const { shown } = this.#pages
    const isFiltered = this.#filter !== ''
    const read = await readPages(client, network, isFiltered ? mostFiltered : shown + 1)
    const found = isFiltered ? read.filter((each) => matches(each, this.#filter.toLowerCase())) : read
    return { functions: found.slice(0, shown), hasMore: found.length > shown }
  }

  #accounts(client: ControlClient): Promise<ReadonlySet<string>> {
    const known = this.#mine.get(client)
    if (known) return known
    const asked = client.stream('accounts', {}, {}).then(
      (accounts) => new Set(accounts.filter(({ signs }) => signs).map(({ address }) => toKey(address))),
      () => {
        // Whose a name is can be told later; the names themselves are shown.
        this.#mine.delete(client)
        return new Set<string>()
      },
    )
    this.#mine.set(client, asked)
    return asked
  }
}

async function readPages(client: ControlClient, network: string, count: number): Promise<ListedFunction[]> {
  const found: ListedFunction[] = []
  while (found.length < count) {
    const limit = Math.min(mostAtOnce, count - found.length)
    const page = await client.list({
      ...{ offset: found.length, limit },
      ...(network !== 'emulator' && { network }),
    })
    found.push(...page)
    if (page.length < limit) break
  }
  // What stands elsewhere may say a name twice; a view can't.
  return [...new Map(found.map((each) => [each.name, each])).values()]
}

function matches({ name, owner, current }: ListedFunction, text: string): boolean {
  return [name, owner, current?.cid ?? ''].some((each) => each.toLowerCase().includes(text))
}
