// wasmate.json: what a function says about itself. A folder in, checked fields out.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { WasmateError, systemCode } from '../base/errors.ts'
import { namedIssues } from '../config.ts'
import { languages } from './toolchain.ts'

export const manifestName = 'wasmate.json'

/** The shape of wasmate.json; `z.toJSONSchema` makes of it what editors complete from. */
export const manifestSchema = z.strictObject({
  $schema: z.string().optional().describe('Where editors find this schema.'),
  name: z.string().optional().describe('Name of the function; by default that of its folder.'),
  language: z.enum(languages).optional().describe('By default told by the extension of the entry.'),
  entry: z
    .string()
    .min(1)
    .optional()
    .describe('File to compile, relative to this folder; by default NAME, index or main.'),
  exports: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Exports that are meant to be called; a call without an export means the first.'),
  timeoutMs: z.int().min(1).optional().describe('Time limit of a call in milliseconds.'),
  maxMemoryBytes: z.int().min(65_536).optional().describe('Memory limit of the module in bytes.'),
  allowedHosts: z
    .array(z.string().min(1))
    .optional()
    .describe('Hosts that the function may send HTTP requests to; none by default.'),
  config: z
    .record(z.string(), z.string())
    .optional()
    .describe('Settings that the function reads; values are text.'),
})

export type Manifest = z.infer<typeof manifestSchema>

/** Gives `undefined` when the folder has none; throws MANIFEST_INVALID naming the file and the field. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, manifestName)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    throw new WasmateError('MANIFEST_INVALID', `${path} can't be read`, { cause: error })
  })
  if (text === undefined) return undefined
  const parsed = manifestSchema.safeParse(parseJson(text, path))
  if (!parsed.success) throw new WasmateError('MANIFEST_INVALID', `${path}: ${namedIssues(parsed.error)}`)
  return parsed.data
}

function parseJson(text: string, path: string): unknown {
  try {
    // Some editors put a byte order mark in front (RFC 8259 section 8.1 lets a reader ignore it).
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new WasmateError('MANIFEST_INVALID', `${path} is not JSON: ${why}`, { cause: error })
  }
}
