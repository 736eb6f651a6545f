// wasmate.json: what a function says about itself. A folder in, checked fields out.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Diagnostic, WasmateError, systemCode } from '../base/errors.ts'
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
  description: z
    .string()
    .min(1)
    .max(1_024)
    .optional()
    .describe('What the function does, for those who choose among tools: people and language models.'),
  inputSchema: z
    .record(z.string(), z.json())
    .optional()
    .describe(
      'JSON Schema of the input. A tool call is checked against it and reaches the function as JSON.',
    ),
})

export type Manifest = z.infer<typeof manifestSchema>

/** What editors complete and check wasmate.json by, as JSON Schema draft 7. */
export function manifestJsonSchema(): object {
  return z.toJSONSchema(manifestSchema, { target: 'draft-7', io: 'input' })
}

/** Gives `undefined` when the folder has none; throws MANIFEST_INVALID naming the file and the field. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, manifestName)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    throw new WasmateError('MANIFEST_INVALID', `${path} can't be read`, { cause: error })
  })
  if (text === undefined) return undefined
  const parsed = manifestSchema.safeParse(parseJson(text, path))
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
