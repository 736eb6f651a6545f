// wasmate deploy --network: the same as on the emulator, asked about before it costs something.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { silentLog } from '../../base/log.ts'
import { Builder } from '../../build/build.ts'
import { findSource } from '../../build/source.ts'
import { type DeployedThere, deployTo } from '../../flows/deploying/deploy.ts'
import { type Material, gatherMaterial } from '../../flows/deploying/material.ts'
import type { ReplayLast } from '../../flows/deploying/replayed.ts'
import type { AgainstReport } from '../../flows/replay/against.ts'
import { Lockfile } from '../../lockfile.ts'
import type { Context, WasmModule } from '../../model.ts'
import { formatStrk } from '../../registry/paid/cost.ts'
import { type Report, timed } from '../../steps.ts'
import { describeStep } from '../describe.ts'
import { type Session, builderOptions } from '../session.ts'
import { type WritingOptions, findEmulator, findGateways, findPlaces, openTarget } from './target.ts'

export interface DeployOptions extends WritingOptions {
  /** Seconds. */
  fetchTimeout: number
}

export async function deployToNetwork(session: Session, options: DeployOptions, path: string): Promise<void> {
  const { workspace, config, output, signal } = session
  const lockfile = new Lockfile(workspace.folder)
  // One that can't be written is told before anything is sent.
  await lockfile.read()
  const report: Report = (step) => output.note(describeStep(step))
  const target = await openTarget(session, options)
  const places = await findPlaces(session, target.profile)
  const gateways = findGateways(session, target.profile, places)
  const built = await build(session, path, report)
  const { material } = built
  const { maxFetchBytes } = config.content
  const patienceMs = options.fetchTimeout * 1_000
  const replay: ReplayLast = (last, context) => replayOn(session, built, last, context)
  const stages = { ...target, places, gateways, maxFetchBytes, patienceMs, replay }
  const deployed = await deployTo(material, stages, { signal, report: output.progress }, report)
  const { network, contract, version, publication } = deployed
  const { name, cid, sha256, size } = publication
  const entry = { name, network, contract, version, cid, sha256, size, profile: material.profile }
  await lockfile.write(entry, { signal })
  output.result(deployed, describeDeployed(deployed))
}

interface Built {
  /** Of the source. */
  path: string
  module: WasmModule
  material: Material
}

async function build(session: Session, path: string, report: Report): Promise<Built> {
  const { config, output, signal } = session
  const source = await findSource(resolve(path), config.runner)
  const builder = new Builder(builderOptions(session, silentLog))
  try {
    const module = await timed(
      report,
      'build',
      () => builder.compile(source, { signal, report: output.progress }),
      ({ bytes, exports, toolchain }) => ({ bytes: bytes.length, exports, toolchain }),
    )
    return {
      path: source.path,
      module,
      material: await gatherMaterial(source, module, config.content.profile),
    }
  } finally {
    await builder.stop()
  }
}

/** By the emulator, if one runs: it is given what was built, and builds nothing. */
async function replayOn(
  session: Session,
  { path, module, material }: Built,
  last: number,
  context: Context,
): Promise<AgainstReport | undefined> {
  const client = await findEmulator(session, context.signal)
  if (!client) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-'))
  try {
    const file = join(folder, 'module.wasm')
    await writeFile(file, module.bytes)
    return await client.stream(
      'against',
      { path, last, built: { cid: material.publication.cid, file } },
      context,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function describeDeployed({
  state,
  network,
  version,
  publication,
  transaction,
  fetchedFrom,
}: DeployedThere): string {
  const { name, cid } = publication
  const from = fetchedFrom.join(' and ')
  if (state === 'unchanged') {
    return `${name}: v${version} on ${network} has these bytes already; nothing was sent  ${cid}  fetched from ${from}`
  }
  const { hash = '', block = 0, fee = '0', url } = transaction ?? {}
  return [
    `${name}: v${version} on ${network}, in wasmate.lock  ${cid}`,
    `  transaction ${hash}  block ${block}  fee ${formatStrk(BigInt(fee))}`,
    `  resolved from the chain, fetched from ${from}`,
    ...(url === undefined ? [] : [`  ${url}`]),
  ].join('\n')
}
