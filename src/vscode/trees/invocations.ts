// Invocations: what was called and what came of it, newest first, as it happens. No more is held than is shown.

import { type Uri, workspace } from 'vscode'
import type { ControlClient } from '../../client/control.ts'
import type { InvocationRecord } from '../../trace/record.ts'
import type { EmulatorLink } from '../emulator/link.ts'
import type { Emulators } from '../emulators.ts'
import { invocationNode } from './invocation-node.ts'
import type { Node } from './node.ts'
import { View } from './view.ts'
import { Pages, moreNode } from './pages.ts'

const pageSize = 100

/** Of the control API. */
const mostAtOnce = 1000

/** The newest of one emulator, as many as are shown. */
interface Held {
  client: ControlClient
  /** When what was there before is read. */
  ready: Promise<void>
  records: InvocationRecord[]
  hasMore: boolean
}

export class InvocationsView extends View {
  readonly #pages = new Pages(pageSize)
  readonly #held = new Map<EmulatorLink, Held>()
  readonly #listening = new Set<EmulatorLink>()

  constructor(emulators: Emulators) {
    super(emulators, (kind) => kind === 'state')
  }

  /** Asks the emulators again for what they have. */
  reload(): void {
    this.#held.clear()
    this.refreshNow()
  }

  protected override async roots(link: EmulatorLink): Promise<Node[]> {
    const { client, folder } = link
    if (!client || !workspace.isTrusted) {
      this.#held.delete(link)
      return []
    }
    this.#listen(link)
    const known = this.#held.get(link)
    const held = known?.client === client ? known : this.#load(link, client)
    await held.ready
    return this.#show(held, folder.uri)
  }

  #show({ records, hasMore }: Held, folder: Uri): Node[] {
    const nodes: Node[] = records.map((record) => invocationNode(record, folder))
    return hasMore ? [...nodes, moreNode(nodes.length, () => this.#more())] : nodes
  }

  #more(): void {
    this.#pages.grow()
    this.reload()
  }

  /** What comes while it is read is put before it. */
  #load(link: EmulatorLink, client: ControlClient): Held {
    const { shown } = this.#pages
    const held: Held = { client, ready: Promise.resolve(), records: [], hasMore: false }
    this.#held.set(link, held)
    const fill = async (): Promise<void> => {
      const read = await readHistory(client, shown + 1)
      const newest = read[0]?.id ?? 0
      held.records = [...held.records.filter(({ id }) => id > newest), ...read]
      trim(held, shown)
    }
    held.ready = fill().catch((error: unknown) => {
      if (this.#held.get(link) === held) this.#held.delete(link)
      throw error
    })
    return held
  }

  #listen(link: EmulatorLink): void {
    if (this.#listening.has(link)) return
    this.#listening.add(link)
    this.keep(link.onDidInvoke((record) => this.#take(link, record)))
  }

  #take(link: EmulatorLink, record: InvocationRecord): void {
    const held = this.#held.get(link)
    if (!held) return
    held.records.unshift(record)
    trim(held, this.#pages.shown)
    this.refresh()
  }
}

function trim(held: Held, shown: number): void {
  if (held.records.length <= shown) return
  held.records.length = shown
  held.hasMore = true
}

async function readHistory(client: ControlClient, count: number): Promise<InvocationRecord[]> {
  const found: InvocationRecord[] = []
  while (found.length < count) {
    const limit = Math.min(mostAtOnce, count - found.length)
    const before = found.at(-1)?.id
    const page = await client.stream('history', { limit, ...(before !== undefined && { before }) }, {})
    found.push(...page)
    if (page.length < limit) break
  }
  return found
}
