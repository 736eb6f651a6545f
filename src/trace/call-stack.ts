// The call stack of a call that broke off, as records and receipts hold it.

import { z } from 'zod'
import type { CallStack } from '../base/errors.ts'

const frameSchema = z.object({
  ...{ name: z.string(), index: z.int().min(0), offset: z.int().min(0) },
  ...{ file: z.string().optional(), line: z.int().optional(), column: z.int().optional() },
})

export const callStackSchema: z.ZodType<CallStack> = z.object({
  frames: z.array(frameSchema),
  linesMissing: z.string().optional(),
})
