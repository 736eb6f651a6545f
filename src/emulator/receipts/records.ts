// What was built and called before, with the receipts of it, and word of what changes; nobody waits for it to be read.

import { describe } from '../../base/errors.ts'
import { parseCid } from '../../content/dag/codecs.ts'
import type { Runner } from '../../runner/runner.ts'
import type { Teardown } from '../../base/teardown.ts'
import { Builds } from '../../flows/builds.ts'
import { History } from '../../trace/history.ts'
import { Changes } from '../changes.ts'
import type { ChainSide } from '../chain-side.ts'
import type { Content } from '../content.ts'
import type { EmulatorOptions } from '../options.ts'
import { Receipts } from './receipts.ts'
import { ReceiptStore } from './store.ts'

export interface RecordsParts extends EmulatorOptions, ChainSide {
  teardown: Teardown
  runner: Runner
}

export interface Records {
  builds: Builds
  history: History
  changes: Changes
  receipts: Receipts
}

export function openRecords(parts: RecordsParts, content: Content): Records {
  const { workspace, chain, follower, teardown, log } = parts
  const changes = new Changes(parts.leased ? parts.onStopRequest : undefined)
  teardown.defer(() => changes.close())
  const builds = new Builds(workspace.builds, log.for('build'))
  const history = new History({ path: workspace.history, log: log.for('history') })
  const receipts = receiptsOf(parts, content, history)
  const known = history.open().then(() => receipts.open())
  // Receipts are kept as those of the history: none of them may go before it is read.
  content.node?.kept.push({ known, roots: () => receipts.kept.map(parseCid) })
  const opening = Promise.all([builds.open(), known]).catch((error: unknown) =>
    log.for('history').warn(describe(error)),
  )
  teardown.defer(async () => {
    await opening
    await Promise.all([builds.flush(), history.close(), receipts.close()])
  })
  const tell = (kind: 'status' | 'functions' | 'registry'): void => changes.tell({ kind })
  teardown.defer(chain.listen(() => tell('status')))
  teardown.defer(history.listen((record) => changes.tell({ kind: 'invocation', record })))
  teardown.defer(
    follower.listen((_name, { step }) => {
      tell('functions')
      if (step === 'event') tell('registry')
    }),
  )
  return { builds, history, changes, receipts }
}

function receiptsOf(
  { config, runner, log }: RecordsParts,
  { client, gateways, node, fetch }: Content,
  history: History,
): Receipts {
  const store = new ReceiptStore({ client, gateways, node })
  return new Receipts({
    ...{ config: config.trace, store, runner, history, fetch, log: log.for('receipts') },
  })
}
