// wasmate car import: a CAR into the node of the running emulator, all of it or nothing.

import { WasmateError } from '../../base/errors.ts'
import { attach } from '../../client/control.ts'
import type { CarReport } from '../../content/car/inspect.ts'
import { type UploadedCar, askNode, uploadCar } from '../../content/car/upload.ts'
import { ContentClient } from '../../content/client.ts'
import type { Session } from '../session.ts'
import { openInput, spool } from './file.ts'
import { countBlocks, describeFault, inspectFile } from './verify.ts'

export interface ImportOptions {
  /** `--no-pin` makes it false. */
  pin: boolean
  name?: string
}

export async function importVerb(session: Session, options: ImportOptions, file: string): Promise<void> {
  const { output, signal, workspace } = session
  const client = await attach(workspace, signal)
  // A pipe can't be read twice: once to see whether all of it is good, once to send it.
  const spooled = file === '-' ? await spool((await openInput(file, signal)).bytes, signal) : undefined
  try {
    const path = spooled?.path ?? file
    const report = await inspect(session, path, options)
    const roots = report.roots.map(({ cid }) => cid.toString())
    const found = await sendCar(session, { path, roots, kuboUrl: client.state.urls.kubo }, options)
    const { blockCount, blockBytes } = found
    const pinned = options.pin ? 'pinned ' : 'stored '
    const lines = [
      ...roots.map((root) => `${pinned}  ${root}`),
      `${countBlocks(blockCount)}, ${blockBytes} B`,
    ]
    output.result({ file, roots, pinned: options.pin, blockCount, blockBytes }, lines.join('\n'))
  } finally {
    await spooled?.drop()
  }
}

/** Throws before anything is sent. */
async function inspect(session: Session, path: string, { pin }: ImportOptions): Promise<CarReport> {
  const { output } = session
  const report = await inspectFile(session, path, (block) => {
    if (block.fault && block.fault !== 'duplicate' && block.fault !== 'identity')
      output.note(describeFault(block))
  })
  const { intact, broken, roots, faults } = report
  if (broken)
    throw new WasmateError('CAR_INVALID', `at byte ${broken.offset}: ${broken.reason}; nothing was imported`)
  if (!intact) {
    const counts = Object.entries(faults).map(([fault, count]) => `${count} ${fault}`)
    throw new WasmateError('CAR_INVALID', `blocks are damaged (${counts.join(', ')}); nothing was imported`)
  }
  if (pin && roots.length === 0) {
    throw new WasmateError('CAR_INVALID', 'it names no root to pin; --no-pin stores its blocks alone')
  }
  return report
}

interface Sending {
  path: string
  roots: string[]
  kuboUrl: string
}

/** What the node keeps of it is all pinned, or as it was before. */
async function sendCar(
  { signal, output }: Session,
  { path, roots, kuboUrl }: Sending,
  { pin, name }: ImportOptions,
): Promise<UploadedCar> {
  const before = pin ? await pinnedOf(kuboUrl, roots, signal) : new Set<string>()
  output.progress({ doing: `importing ${path}` })
  const { bytes } = await openInput(path, signal)
  const found = await uploadCar(bytes, { kuboUrl, pin, signal })
  const failed = found.roots.filter(({ failure }) => failure !== '')
  const missing = pin ? new Set(roots).size - found.roots.length : 0
  if (failed.length > 0 || missing > 0) {
    for (const { cid } of found.roots.filter(({ failure }) => failure === '')) {
      if (!before.has(cid)) await askNode({ kuboUrl, endpoint: 'pin/rm', query: { arg: cid }, signal })
    }
    const reasons = failed.map(({ cid, failure }) => `${cid}: ${failure}`)
    const detail = reasons.join('; ') || `${missing} roots were not pinned`
    throw new WasmateError('KUBO_REFUSED', `${kuboUrl} (${detail}); no root was pinned`)
  }
  if (pin && name !== undefined) {
    for (const arg of roots) await askNode({ kuboUrl, endpoint: 'pin/add', query: { arg, name }, signal })
  }
  return found
}

async function pinnedOf(kuboUrl: string, roots: string[], signal: AbortSignal): Promise<Set<string>> {
  const client = new ContentClient({ kuboUrl })
  const pinned = new Set<string>()
  for (const root of roots) if (await client.isPinned(root, signal)) pinned.add(root)
  return pinned
}
