// wasmate.json: what a function says about itself. A folder in, checked fields out.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { type Diagnostic, WasmateError, systemCode } from '../base/errors.ts'
import type { Manifest } from './manifest-schema.ts'

export const manifestName = 'wasmate.json'

/** Gives `undefined` when the folder has none; throws MANIFEST_INVALID naming the file and the field. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, manifestName)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    throw new WasmateError('MANIFEST_INVALID', `${path} can't be read`, { cause: error })
  })
  if (text === undefined) return undefined
  const value = parseJson(text, path)
  // Late: zod takes an editor longer to read than all that it looks for in a folder without any wasmate.json.
  const [{ manifestSchema }, { namedIssues }] = await Promise.all([
    import('./manifest-schema.ts'),
    import('../config.ts'),
  ])
  const parsed = manifestSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const diagnostics = parsed.error.issues.map((issue) =>
    diagnosticAt(text, offsetOf(text, issue), `${issue.path.join('.') || '(root)'}: ${issue.message}`),
  )
  throw new WasmateError('MANIFEST_INVALID', `${path}: ${namedIssues(parsed.error)}`, { diagnostics })
}

/** What a field asks for and the rest of the function does not have. */
export async function refuseField(folder: string, field: string, message: string): Promise<WasmateError> {
  const path = join(folder, manifestName)
  const text = await readFile(path, 'utf8').catch(() => '')
  const diagnostics = [diagnosticAt(text, Math.max(0, text.indexOf(JSON.stringify(field))), message)]
  return new WasmateError('MANIFEST_INVALID', `${path}: ${message}`, { diagnostics })
}

function parseJson(text: string, path: string): unknown {
  // Some editors put a byte order mark in front (RFC 8259 section 8.1 lets a reader ignore it).
  const bare = text.replace(/^\uFEFF/, '')
  try {
    return JSON.parse(bare)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const [, at] = /at position (\d+)/.exec(why) ?? []
    const diagnostics = [diagnosticAt(bare, at === undefined ? bare.length : Number(at), why)]
    throw new WasmateError('MANIFEST_INVALID', `${path} is not JSON: ${why}`, { cause: error, diagnostics })
  }
}

/** Of the name of the field that is wrong; the start when there is none. */
function offsetOf(text: string, issue: z.core.$ZodIssue): number {
  const [field = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined] = issue.path
  return typeof field === 'string' ? Math.max(0, text.indexOf(JSON.stringify(field))) : 0
}

function diagnosticAt(text: string, offset: number, message: string): Diagnostic {
  const before = text.slice(0, offset).split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  return { file: manifestName, line: before.length, column, message, severity: 'error' }
}
