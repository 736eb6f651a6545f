// A record of a call, in what comes from outside of the extension's own code.

import type { InvocationRecord } from '../../trace/record.ts'

/** The record in what a command was given, a saved page or a line of a view; `undefined` when there is none. */
export async function readRecord(value: unknown): Promise<InvocationRecord | undefined> {
  const { recordSchema } = await import('../../trace/record.ts')
  const parsed = recordSchema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}
