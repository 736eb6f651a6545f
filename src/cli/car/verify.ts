// wasmate car verify, ls: what is in a CAR and what is wrong with it. Needs no emulator and no network.

import { WasmateError } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'
import {
  type BlockFault,
  type CarReport,
  type InspectedBlock,
  inspectCar,
} from '../../content/car/inspect.ts'
import { codecName } from '../../content/dag/codecs.ts'
import type { Session } from '../session.ts'
import { openInput } from './file.ts'

/** So many CIDs of a kind are printed for people; --json has more. */
const maxPrinted = 20

/** Ends with 1 when a block is damaged, the CAR is broken, or, without `partial`, a root is not complete. */
export async function verifyVerb(
  session: Session,
  { partial = false }: { partial?: boolean },
  file: string,
): Promise<void> {
  const { output } = session
  const report = await inspectFile(session, file, (block) => {
    if (block.fault) output.result(toJson(block), describeFault(block))
  })
  const ok = report.intact && (report.complete || partial)
  output.result({ file, ok, ...reportJson(report) }, describeReport(report, ok))
  if (!ok) process.exitCode = 1
}

/** Every block, one a line, in the order of the file. */
export async function lsVerb(session: Session, _options: object, file: string): Promise<void> {
  const { output } = session
  const report = await inspectFile(session, file, (block) =>
    output.result(toJson(block), describeBlock(block)),
  )
  if (!report.broken) return
  const { offset, reason } = report.broken
  throw new WasmateError('CAR_INVALID', `${file} at byte ${offset}: ${reason}`)
}

export async function inspectFile(
  { output, signal }: Session,
  file: string,
  tell: (block: InspectedBlock) => void,
): Promise<CarReport> {
  const { bytes, size } = await openInput(file, signal)
  return inspectCar(bytes, {
    signal,
    tell,
    onBytes: (done) => output.progress({ doing: `reading ${file}`, ...(size && { fraction: done / size }) }),
  })
}

export function describeFault({ index, offset, cid, fault, detail }: InspectedBlock): string {
  const what = `${fault}${detail ? ` (${printable(detail)})` : ''}`
  const state = (fault && faultStates[fault]) ?? 'DAMAGED'
  return `${state.padEnd(7)}  block ${index} at byte ${offset}  ${cid?.toString() ?? 'no CID'}  ${what}`
}

const faultStates: Partial<Record<BlockFault, string>> = {
  'hash-unknown': 'UNKNOWN',
  'codec-unknown': 'UNKNOWN',
  duplicate: 'odd',
  identity: 'odd',
}

function describeBlock({ offset, cid, bytes, fault }: InspectedBlock): string {
  const codec = cid ? codecName(cid.code) : '-'
  const row = `${String(offset).padStart(12)}  ${String(bytes).padStart(9)}  ${codec.padEnd(8)}  ${cid?.toString() ?? 'no CID'}`
  return fault ? `${row}  ${fault}` : row
}

function toJson({ cid, ...block }: InspectedBlock): object {
  return { ...block, ...(cid && { cid: cid.toString(), codec: codecName(cid.code) }) }
}

function reportJson(report: CarReport): object {
  return { ...report, roots: report.roots.map(({ cid, state }) => ({ cid: cid.toString(), state })) }
}

function describeReport(report: CarReport, ok: boolean): string {
  const { version, roots, blockCount, blockBytes, bytes, missing, unreachable, broken } = report
  const kind = version ? `CARv${version}` : 'CAR'
  return [
    `${kind}    ${countBlocks(blockCount)} of ${blockBytes} B, ${bytes} B in all`,
    ...roots.map(({ cid, state }) => `root     ${cid.toString()}  ${state}`),
    ...(roots.length === 0 && version ? ['root     none is named'] : []),
    ...listed('missing', missing),
    ...listed('beside', unreachable),
    ...(broken ? [`BROKEN   at byte ${broken.offset}: ${printable(broken.reason)}`] : []),
    ok ? 'verified' : 'NOT verified',
  ].join('\n')
}

function listed(word: string, { count, first }: { count: number; first: string[] }): string[] {
  const shown = first.slice(0, maxPrinted).map((cid) => `${word.padEnd(9)}${cid}`)
  return count > shown.length ? [...shown, `${word.padEnd(9)}and ${count - shown.length} more`] : shown
}

export function countBlocks(count: number): string {
  return `${count} ${count === 1 ? 'block' : 'blocks'}`
}
