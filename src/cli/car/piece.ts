// wasmate car piece: what Filecoin's tools call a CAR by. Nothing is stored anywhere by it.

import { WasmateError } from '../../base/errors.ts'
import { inspectCar } from '../../content/car/inspect.ts'
import type { Piece } from '../../content/piece/commitment.ts'
import { PieceThread } from '../../content/piece/thread.ts'
import type { Session } from '../session.ts'
import { openInput } from './file.ts'

/** What services take at least; FRC-0069 itself pads less. */
const smallestTaken = 127

export async function pieceVerb(session: Session, _options: object, file: string): Promise<void> {
  const { output, signal, environment } = session
  const { bytes, size } = await openInput(file, signal)
  const thread = new PieceThread({
    workerUrl: environment.workers.piece,
    signal,
    report: output.progress,
    ...(size !== undefined && { totalBytes: size }),
  })
  try {
    const report = await inspectCar(passOn(bytes, thread), { signal })
    const where = report.broken ? `, broken at byte ${report.broken.offset}: ${report.broken.reason}` : ''
    if (!report.intact) {
      throw new WasmateError(
        'CAR_INVALID',
        `${file} is damaged${where}; \`wasmate car verify\` names each block`,
      )
    }
    const piece = await thread.end()
    const roots = report.roots.map(({ cid }) => cid.toString())
    const warnings = warnOf(report.version ?? 1, roots.length, report.complete, piece)
    for (const warning of warnings) output.note(`warning: ${warning}`)
    const lines = [...roots.map((root) => `root         ${root}`), describePiece(piece)]
    output.result({ file, version: report.version, roots, ...piece, warnings }, lines.join('\n'))
  } finally {
    await thread.stop()
  }
}

/** CARv1 with one root and all of its DAG is what a deal is made for. */
function warnOf(version: 1 | 2, roots: number, isComplete: boolean, { rawBytes }: Piece): string[] {
  return [
    ...(version === 2
      ? ['it is CARv2, of which the index is a part of the piece; deals are made for CARv1']
      : []),
    ...(roots === 1 ? [] : [`it names ${roots} roots; tools for deals go by one`]),
    ...(isComplete ? [] : ['the DAG under its roots is not all here']),
    ...(rawBytes < smallestTaken
      ? [`it has ${rawBytes} bytes, services take ${smallestTaken} at least`]
      : []),
  ]
}

export function describePiece({ cid, cidV1, rawBytes, paddedBytes }: Piece): string {
  return [
    `piece CID    ${cid}`,
    `  as v1      ${cidV1}`,
    `raw size     ${rawBytes} B`,
    `padded size  ${paddedBytes} B`,
  ].join('\n')
}

async function* passOn(source: AsyncIterable<Uint8Array>, thread: PieceThread): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    await thread.write(chunk)
    yield chunk
  }
}
