// wasmate invoke: one call over HTTP, as any other client would make it.

import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { WasmateError, describe, fromProblem, isAbort, type Problem } from '../base/errors.ts'
import { attach } from '../client/control.ts'
import { elapsed } from '../steps.ts'
import type { Session } from './session.ts'

export interface InvokeOptions {
  input?: string
  file?: string
}

export interface CallResult {
  output: Uint8Array
  cid: string
  /** CID; absent when it left none. */
  receipt?: string
  ms: number
}

export async function invokeVerb(
  session: Session,
  options: InvokeOptions,
  target: string,
  exportName?: string,
): Promise<void> {
  const client = await attach(session.workspace, session.signal)
  const input = await readInput(options)
  session.output.progress({ doing: `calling ${target}` })
  const url = functionUrl(client.state.urls.functions, target, exportName)
  const { output, ...told } = await call(url, input, session.signal, { 'wasmate-receipt': 'wanted' })
  if (!session.output.json) return session.output.bytes(output)
  session.output.result({ target, ...told, ...encode(output) }, '')
}

export function functionUrl(base: string, target: string, exportName?: string): string {
  const path = `${base}/functions/${encodeURIComponent(target)}`
  return exportName === undefined ? path : `${path}/${encodeURIComponent(exportName)}`
}

export async function call(
  url: string,
  input: Uint8Array,
  signal: AbortSignal,
  headers: Record<string, string> = {},
): Promise<CallResult> {
  const from = performance.now()
  const asked = { method: 'POST', body: Uint8Array.from(input), headers, signal }
  const response = await fetch(url, asked).catch((error: unknown) => {
    if (isAbort(error)) throw error
    throw new WasmateError('EMULATOR_NOT_RUNNING', `${url} does not answer (${describe(error)})`)
  })
  const receipt = response.headers.get('wasmate-receipt')
  if (!response.ok) {
    throw fromProblem({ ...((await response.json()) as Problem), receipt: receipt ?? undefined })
  }
  const output = new Uint8Array(await response.arrayBuffer())
  const cid = response.headers.get('wasmate-cid') ?? ''
  return { output, cid, ...(receipt !== null && { receipt }), ms: elapsed(from) }
}

/** Text as `output` when it is UTF-8, else base64 as `outputBase64`. */
export function encode(output: Uint8Array): { output: string } | { outputBase64: string } {
  try {
    return { output: new TextDecoder('utf-8', { fatal: true }).decode(output) }
  } catch {
    // Not text: base64 keeps every byte.
    return { outputBase64: Buffer.from(output).toString('base64') }
  }
}

async function readInput({ input, file }: InvokeOptions): Promise<Uint8Array> {
  if (input !== undefined) return new TextEncoder().encode(input)
  if (file === '-') return buffer(process.stdin)
  if (file !== undefined) {
    return readFile(file).catch((error: unknown) => {
      throw new WasmateError('INPUT_INVALID', `--file ${file} can't be read`, { cause: error })
    })
  }
  return new Uint8Array()
}
