// The table of what answers as it is on disk.

import { z } from 'zod'
import { anchorSchema } from '../registry/events/cursor.ts'

const versionSchema = z.object({
  cid: z.string(),
  version: z.number(),
  sha256: z.string(),
  size: z.number(),
})

const optionsSchema = z.object({
  timeoutMs: z.number(),
  maxMemoryBytes: z.number(),
  allowedHosts: z.array(z.string()),
  config: z.record(z.string(), z.string()),
})

const callOptionsSchema = z.object({ options: optionsSchema, defaultExport: z.string().optional() })

/** Version 0 stands for "none". Without a block, or from before blocks were recorded, it has to be asked for. */
const standingSchema = versionSchema.extend({ block: z.number().optional() })

const answeringSchema = versionSchema.extend({ yanked: z.boolean().optional() })

/** Names come from anybody: as pairs, none of them can be taken for a property of an object. */
export const servedSchema = z.object({
  cursor: z.number(),
  address: z.string().default(''),
  anchors: z.array(anchorSchema).default([]),
  current: z.array(z.tuple([z.string(), standingSchema])),
  answering: z.array(z.tuple([z.string(), answeringSchema])),
  options: z.array(z.tuple([z.string(), callOptionsSchema])),
})

export type ServedVersion = z.infer<typeof versionSchema>

export type Standing = z.infer<typeof standingSchema>
export type Answering = z.infer<typeof answeringSchema>
