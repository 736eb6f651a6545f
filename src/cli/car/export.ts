// wasmate car export: a DAG as a CARv1 in a file or a pipe, and what Filecoin's tools need to know of it.

import { basename, resolve } from 'node:path'
import { WasmateError } from '../../base/errors.ts'
import type { DagScope } from '../../content/dag/select.ts'
import { type WrittenCar, exportCar } from '../../flows/sharing/export.ts'
import type { Session } from '../session.ts'
import { checkOutput, writeOutput } from './file.ts'
import { originOf } from './origin.ts'
import { describePiece } from './piece.ts'
import { countBlocks } from './verify.ts'

export interface ExportOptions {
  network: string
  output?: string
  scope: DagScope
  piece?: boolean
  force?: boolean
}

export async function exportVerb(session: Session, options: ExportOptions, target: string): Promise<void> {
  const { output, signal, config, environment } = session
  const path = outputPath(options.output, target)
  if (path === '-' && output.json) {
    throw new WasmateError('INPUT_INVALID', '--json and -o - both want standard output')
  }
  await checkOutput(path, options.force ?? false)
  const request = {
    origin: await originOf(session, target, options.network),
    scope: options.scope,
    routers: config.content.routers,
    pieceWorkerUrl: options.piece ? environment.workers.piece : undefined,
  }
  const write = (chunks: AsyncIterable<Uint8Array>): Promise<void> =>
    writeOutput(path, chunks, { force: options.force ?? false, signal })
  const tell = ({ blocks, bytes }: WrittenCar): void =>
    output.progress({ doing: `exporting ${countBlocks(blocks)}, ${bytes} bytes` })
  const { root, ...written } = await exportCar(request, write, { signal, tell })
  const result = { root, file: path, ...written }
  // A pipe gets the CAR alone.
  if (path === '-') return output.note(describeWritten(result))
  output.result(result, describeWritten(result))
}

interface Written extends WrittenCar {
  file: string
}

/** By default a file here, called by the last part of what was asked for. */
function outputPath(given: string | undefined, target: string): string {
  if (given === '-') return given
  const name = basename(target.replace(/\/+$/, '')) || 'export'
  return resolve(given ?? `${name}.car`)
}

function describeWritten({ root, file, scope, blocks, bytes, piece }: Written): string {
  const part = scope === 'all' ? '' : `  dag-scope ${scope}`
  const where = file === '-' ? [] : [file]
  const lines = [...where, `root         ${root}${part}`, `CARv1        ${countBlocks(blocks)}, ${bytes} B`]
  return [...lines, ...(piece ? [describePiece(piece)] : [])].join('\n')
}
