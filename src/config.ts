// Every setting, its default and its check: the only place where defaults exist.
// VS Code settings and CLI flags both come here as plain values; README.md lists the same settings.

import { z } from 'zod'
import { WasmateError } from './base/errors.ts'
import { importProfileNames } from './model.ts'
import { networkSchema } from './networks.ts'

const port = z.int().min(0).max(65_535)
const url = z.url({ protocol: /^https?$/ })

const mebibyte = 1024 * 1024

/** A service that speaks the Pinning Service API (https://ipfs.github.io/pinning-services-api-spec/). */
const pinningServiceSchema = z.strictObject({
  url,
  /** Takes a CAR as the body of a POST, for services that can't reach this machine. */
  uploadUrl: url.optional(),
})

export type PinningService = Readonly<z.infer<typeof pinningServiceSchema>>

export const configSchema = z.strictObject({
  ports: z
    .strictObject({
      functions: port.default(7070).describe('Port of the HTTP function server; 0 takes any free port.'),
      rpc: port.default(7071).describe('Port of the Starknet JSON-RPC and WebSocket endpoint.'),
      kubo: port.default(7072).describe('Port of the Kubo RPC.'),
      gateway: port.default(7073).describe('Port of the trustless gateway.'),
      control: port.default(7074).describe('Port of the control API.'),
      lassie: port.default(7075).describe('Port of the retrieval API that Lassie has.'),
      pinning: port.default(7076).describe('Port of the pinning service.'),
    })
    .prefault({}),
  devnet: z
    .strictObject({
      path: z
        .string()
        .optional()
        .describe('A starknet-devnet binary to use; by default it is found or made.'),
      download: z.boolean().default(true).describe('Whether the official release may be downloaded.'),
      build: z
        .boolean()
        .default(true)
        .describe('Whether it may be built with cargo when nothing else is left.'),
      releaseUrl: url
        .default('https://api.github.com/repos/starknet-io/starknet-devnet/releases/tags')
        .describe('Where the official release is described; the tag is appended.'),
      seed: z.int().min(0).default(42).describe('Seed of the predeployed accounts.'),
      accounts: z.int().min(1).max(100).default(1).describe('Number of predeployed accounts.'),
      account: z.int().min(0).default(0).describe('Which of them signs what is deployed here, from 0.'),
    })
    .refine(({ account, accounts }) => account < accounts, {
      path: ['account'],
      message: 'there are fewer accounts',
    })
    .prefault({}),
  content: z
    .strictObject({
      kuboUrl: url.optional().describe('RPC of a Kubo to use instead of the embedded node.'),
      gateways: z
        .array(url)
        .optional()
        .describe('Trustless gateways to fetch from; by default the own node.'),
      profile: z
        .enum(importProfileNames)
        .default('unixfs-v1-2025')
        .describe('How files become CIDs; unixfs-v0-2015 is what the Go runtime reads.'),
      maxFetchBytes: z
        .int()
        .min(1)
        .default(256 * mebibyte)
        .describe('Largest module that is fetched.'),
      routers: z
        .array(url)
        .default([])
        .describe('Delegated routers (/routing/v1) to ask who has a CID; by default nobody is asked.'),
      deserialized: z
        .boolean()
        .default(false)
        .describe('Whether the gateway also answers with plain files and directory listings.'),
      remoteProviders: z
        .boolean()
        .default(false)
        .describe('Whether a request to the retrieval API may name providers outside of this machine.'),
    })
    .prefault({}),
  pinning: z
    .strictObject({
      services: z
        .record(z.string(), pinningServiceSchema)
        .default({})
        .describe('Pinning services by name: url, uploadUrl. A token is never a setting.'),
    })
    .prefault({}),
  runner: z
    .strictObject({
      timeoutMs: z.int().min(1).default(5_000).describe('Time limit of a call without one in wasmate.json.'),
      maxMemoryBytes: z
        .int()
        .min(65_536)
        .default(128 * mebibyte)
        .describe('Memory limit of a module without one in wasmate.json.'),
      maxWorkers: z.int().min(1).default(4).describe('Most worker threads there are at one time.'),
      maxWorkersPerFunction: z
        .int()
        .min(1)
        .default(3)
        .describe('Most of them that run one function; one with vars has one at a time.'),
      maxQueue: z
        .int()
        .min(1)
        .default(1_000)
        .describe('Most calls of a function that wait; one more is answered with 503.'),
      idleMs: z.int().min(0).default(60_000).describe('How long an idle worker is kept.'),
      hostFunctions: z
        .string()
        .optional()
        .describe('An ES module whose `functions` plugins may import; it runs as part of the emulator.'),
      allowedPaths: z
        .record(z.string().min(1), z.string().regex(/^(?!(ro:)?$)/, 'expected a folder'))
        .default({})
        .describe(
          'Folders that functions may use: path as they see it to folder here, `ro:` before it for reading only.',
        ),
      instances: z
        .enum(['reuse', 'fresh'])
        .default('reuse')
        .describe('Whether an instance answers call after call, or each call has a new one.'),
    })
    .prefault({}),
  trace: z
    .strictObject({
      receipts: z
        .enum(['off', 'sampled', 'all'])
        .default('sampled')
        .describe(
          'Which calls leave a receipt: none; those by hand, and of the others so many that they are not held up; or all, which takes time of each.',
        ),
      maxReceiptsPerSecond: z
        .int()
        .min(0)
        .default(20)
        .describe('Most receipts of calls over HTTP a second, when they are sampled.'),
      maxReceiptBytes: z
        .int()
        .min(8_192)
        .max(mebibyte)
        .default(mebibyte)
        .describe('Largest receipt; a larger input, or more that its host answered, is left out of it.'),
      maxStoredBytes: z
        .int()
        .min(0)
        .default(256 * mebibyte)
        .describe('Most that all receipts together take on disk; the oldest go.'),
    })
    .prefault({}),
  networks: z
    .strictObject({
      profiles: z
        .record(z.string(), networkSchema)
        .default({})
        .describe(
          'Networks by name: rpcUrl, wsUrl, chainId, registry, kind, gateways, pinning, explorer, verifiers, quorum. `sepolia` is built in.',
        ),
    })
    .prefault({}),
  serve: z
    .strictObject({
      maxBodyBytes: z
        .int()
        .min(0)
        .default(16 * mebibyte)
        .describe('Largest request body of a call.'),
      defaultFunction: z
        .string()
        .optional()
        .describe('Name of the function that `POST /` calls, as the Go runtime has it.'),
      parser: z
        .enum(['llhttp', 'node'])
        .default('llhttp')
        .describe('What reads HTTP for functions: llhttp on plain sockets, or node:http.'),
    })
    .prefault({}),
  build: z
    .strictObject({
      clang: z
        .string()
        .optional()
        .describe('A clang with the wasm32 target; by default it is sought on PATH.'),
    })
    .prefault({}),
})

export type Config = Readonly<z.infer<typeof configSchema>>

/** Fills in defaults and freezes; throws CONFIG_INVALID naming the setting. */
export function parseConfig(value: unknown): Config {
  const parsed = configSchema.safeParse(value ?? {})
  if (!parsed.success) throw new WasmateError('CONFIG_INVALID', namedIssues(parsed.error, 'wasmate.'))
  return Object.freeze(parsed.data)
}

/** `wasmate.ports.rpc: expected number`, one issue after the other. */
export function namedIssues(error: z.ZodError, prefix = ''): string {
  return error.issues
    .map((issue) => `${prefix}${issue.path.join('.') || '(root)'}: ${issue.message}`)
    .join('; ')
}
