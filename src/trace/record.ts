// What is kept of a call, in memory, on disk and on its way to an editor.

import { z } from 'zod'
import { type ErrorCode, type Problem, errorTable } from '../base/errors.ts'
import { callStackSchema } from './call-stack.ts'
import type { HostTrace, LogLine } from '../host-trace.ts'

/** Bytes of any length as they are kept: their size, and the first of them. */
export interface KeptBytes {
  size: number
  base64: string
}

/** A call that was made, and what came of it: an output, or a problem. */
export interface InvocationRecord {
  /** Counts up; a later one has a higher one. */
  id: number
  /** Milliseconds since 1970. */
  at: number
  via: 'editor' | 'http'
  /** The name or CID that was called. */
  target: string
  export?: string | undefined
  /** Of the module that ran; absent when it came to none. */
  cid?: string | undefined
  version?: number | undefined
  input: KeptBytes
  output?: KeptBytes | undefined
  problem?: Problem | undefined
  logs: LogLine[]
  /** What it asked of its host. */
  host?: HostTrace | undefined
  /** CID and bytes of the receipt that it has left. */
  receipt?: string | undefined
  receiptSize?: number | undefined
  /** As its receipt has them: instructions, or why they were not counted; why a replay may come to something else. */
  fuel?: number | undefined
  fuelMissing?: string | undefined
  unfaithful?: string[] | undefined
  /** In the function itself; absent when it did not begin. */
  durationMs?: number | undefined
}

const keptSchema = z.object({ size: z.int().min(0), base64: z.string() })

const codes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]

const diagnosticSchema = z.object({
  ...{ file: z.string(), line: z.int(), column: z.int(), message: z.string() },
  severity: z.enum(['error', 'warning']),
})

const problemSchema = z.object({
  ...{ type: z.string(), title: z.string(), status: z.number(), detail: z.string(), next: z.string() },
  code: z.enum(codes),
  diagnostics: z.array(diagnosticSchema).optional(),
  callStack: callStackSchema.optional(),
})

const hostCallKinds = [
  'log',
  'var',
  'config',
  'http',
  'clock',
  'random',
  'file',
  'system',
  'function',
] as const

const hostCallSchema = z.object({
  kind: z.enum(hostCallKinds),
  ...{ name: z.string(), atMs: z.number(), tookMs: z.number() },
  ...{ asked: z.string().optional(), answered: z.string().optional(), failed: z.boolean().optional() },
})

export const recordSchema: z.ZodType<InvocationRecord> = z.object({
  id: z.int().min(1),
  at: z.number(),
  via: z.enum(['editor', 'http']),
  target: z.string(),
  export: z.string().optional(),
  cid: z.string().optional(),
  version: z.int().optional(),
  input: keptSchema,
  output: keptSchema.optional(),
  problem: problemSchema.optional(),
  logs: z.array(
    z.object({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error']), message: z.string() }),
  ),
  host: z.object({ calls: z.array(hostCallSchema), dropped: z.int().min(0) }).optional(),
  durationMs: z.number().optional(),
  receipt: z.string().optional(),
  receiptSize: z.int().min(0).optional(),
  fuel: z.number().optional(),
  fuelMissing: z.string().optional(),
  unfaithful: z.array(z.string()).optional(),
})
