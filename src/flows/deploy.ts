// Flow up: source -> build -> pin -> register.

import type {
  Context,
  FunctionOptions,
  Pin,
  Publication,
  Registration,
  Source,
  WasmModule,
} from '../model.ts'
import { type Report, timed } from '../steps.ts'

export interface DeployStages {
  builder: { compile(source: Source, context: Context): Promise<WasmModule> }
  content: {
    pin(module: WasmModule, name: string, context: Context): Promise<Pin>
    /** CID of the source folder, or empty for a ready module. */
    pinSource(source: Source, module: WasmModule, context: Context): Promise<string>
  }
  served: {
    /** The limits the next version of a name is loaded and called with. */
    setOptions(name: string, options: FunctionOptions, defaultExport: string | undefined): Promise<void>
  }
  register(publication: Publication, context: Context): Promise<Registered>
}

/** `pending` while the chain is not there yet: the publication is journaled and follows by itself. */
export type Registered =
  | { state: 'registered' | 'unchanged'; registration: Registration }
  | { state: 'pending'; registration: undefined }

/** What was built and is pinned, and what of it is registered. */
export interface Pinned {
  name: string
  pin: Pin
  exports: string[]
  publication: Publication
}

export interface Deployment extends Pinned {
  registered: Registered
}

export async function deploy(
  source: Source,
  stages: DeployStages,
  context: Context,
  report: Report,
): Promise<Deployment> {
  return registerPinned(await pinModule(source, stages, context, report), stages, context, report)
}

/** The second half. */
export async function registerPinned(
  pinned: Pinned,
  stages: Pick<DeployStages, 'register'>,
  context: Context,
  report: Report,
): Promise<Deployment> {
  const registered = await timed(
    report,
    'register',
    () => stages.register(pinned.publication, context),
    describeRegistered,
  )
  return { ...pinned, registered }
}

/** The first half: nothing is on the chain, the CID can be called. Without `served` its name stays what it was. */
export async function pinModule(
  source: Source,
  stages: Omit<DeployStages, 'served' | 'register'> & Partial<Pick<DeployStages, 'served'>>,
  context: Context,
  report: Report,
): Promise<Pinned> {
  const module = await timed(report, 'build', () => stages.builder.compile(source, context), describeModule)
  const [file, sourceCid] = await timed(
    report,
    'pin',
    () =>
      Promise.all([
        stages.content.pin(module, source.name, context),
        stages.content.pinSource(source, module, context),
        stages.served?.setOptions(source.name, source.options, source.defaultExport),
      ]),
    ([{ cid, size }]) => ({ cid, size }),
  )
  const { cid, size } = file
  const publication = { name: source.name, cid, sha256: module.sha256, size, sourceCid }
  return { name: source.name, pin: file, exports: module.exports, publication }
}

function describeModule(module: WasmModule): Record<string, unknown> {
  return { bytes: module.bytes.length, exports: module.exports, toolchain: module.toolchain }
}

function describeRegistered({ state, registration }: Registered): Record<string, unknown> {
  if (!registration) return { state }
  const { name, version, transactionHash, blockNumber } = registration
  return { state, name, version, transaction: transactionHash, block: blockNumber }
}
