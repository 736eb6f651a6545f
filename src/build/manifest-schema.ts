// The fields of wasmate.json.

import { z } from 'zod'
import { languages } from './toolchain.ts'

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
