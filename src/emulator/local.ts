// What is here of one name, without asking the chain: what its folder builds to, what the node has pinned, what
// answers, what wasmate.lock names.

import { join } from 'node:path'
import { type Problem, WasmateError, toWasmateError } from '../base/errors.ts'
import type { Builder } from '../build/build.ts'
import { findSource, listSources } from '../build/source.ts'
import type { Built } from '../client/messages.ts'
import type { Config } from '../config.ts'
import type { ContentClient } from '../content/client.ts'
import { cidOfFile } from '../content/import.ts'
import type { DiffStages, PlacedBytes } from '../flows/diff.ts'
import { Lockfile } from '../lockfile.ts'
import type { Context, Source } from '../model.ts'
import type { Outbox } from '../registry/outbox.ts'
import { type Served, isSame } from '../flows/served.ts'
import type { Workspace } from '../workspace.ts'
import type { Chain } from './chain.ts'

export interface LocalStages {
  workspace: Workspace
  config: Config
  builder: Builder
  content: ContentClient
  served: Served
  outbox: Outbox
  chain: Chain
}

export function diffStages(name: string, stages: LocalStages): Omit<DiffStages, 'history' | 'here'> {
  const { workspace, content, served, outbox } = stages
  return {
    build: (context) => build(name, stages, context),
    pinned: (asked, context) => findPinned(name, asked, content, context),
    locked: () => new Lockfile(workspace.folder).find(name, 'emulator'),
    pending: outbox.pending.findLast((each) => each.name === name),
    answering: served.answering(name),
    problem: findProblem(name, served),
  }
}

/** Why the current version does not answer, and not what an earlier one lacked. */
function findProblem(name: string, served: Served): Problem | undefined {
  const [current, found] = [served.current(name), served.problem(name)]
  return current && found && isSame(found, current) ? found.problem : undefined
}

async function build(
  name: string,
  { workspace, config, builder }: LocalStages,
  context: Context,
): Promise<PlacedBytes | undefined> {
  const source = await findLocal(name, workspace.folder, config)
  if (!source) return undefined
  return buildLocal(source, { config, builder }, context)
}

/** What a source builds to, and the CID that it would have; nothing is stored. */
export async function buildLocal(
  source: Source,
  { config, builder }: Pick<LocalStages, 'config' | 'builder'>,
  context: Context,
): Promise<Built> {
  const { name } = source
  context.report?.({ doing: `building ${name}` })
  const { bytes, sha256, exports, toolchain } = await builder.compile(source, context)
  const cid = await cidOfFile(bytes, config.content.profile)
  return { name, cid, sha256, size: bytes.length, exports, ...(toolchain !== undefined && { toolchain }) }
}

/** A function's folder, else a ready module of that name. */
export async function findLocal(
  name: string,
  folder: string,
  { runner }: Config,
): Promise<Source | undefined> {
  const source = (await listSources(folder, runner)).find((each) => each.name === name)
  if (source) return source
  return findSource(join(folder, `${name}.wasm`), runner).catch((error: unknown) => {
    if (toWasmateError(error).code === 'SOURCE_NOT_FOUND') return undefined
    throw error
  })
}

/** The same bytes may be pinned under another name: a node keeps one name a CID. */
async function findPinned(
  name: string,
  asked: string[],
  content: ContentClient,
  { signal }: Context,
): Promise<string[]> {
  const named = await content.pinsNamed(name, signal)
  const others = asked.filter((cid) => !named.includes(cid))
  const pinned = await Promise.all(others.map((cid) => content.isPinned(cid, signal)))
  return [...named, ...others.filter((_cid, index) => pinned[index])]
}

/** What could not be fetched again is not published. */
export function checkSize(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return
  throw new WasmateError(
    'CONTENT_TOO_LARGE',
    `the module has ${bytes} bytes, and wasmate.content.maxFetchBytes is ${maxBytes}`,
  )
}
