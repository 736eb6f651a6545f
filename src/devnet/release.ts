// The official release: what the release page lists -> a verified, unpacked binary.

import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar'
import { z } from 'zod'
import { WasmateError, describe } from '../base/errors.ts'
import type { Context } from '../model.ts'

export interface ReleaseOptions {
  /** Where releases are described; `/v` and the version are appended. */
  releaseUrl: string
  version: string
  /** The platform as upstream names it, such as x86_64-apple-darwin. */
  target: string
  /** An existing folder of the caller's own, where everything is written. */
  folder: string
}

const idleMs = 30_000
const mostBytes = 512 * 1024 * 1024

const releaseSchema = z.object({
  assets: z.array(
    z.object({ name: z.string(), browser_download_url: z.url(), digest: z.string().nullish() }),
  ),
})
const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/i)

/** Upstream builds for these alone; `undefined` for every other machine. */
export function releaseTarget(platform: string, arch: string, musl: boolean): string | undefined {
  const cpu = { x64: 'x86_64', arm64: 'aarch64' }[arch]
  if (!cpu) return undefined
  if (platform === 'darwin') return `${cpu}-apple-darwin`
  if (platform !== 'linux') return undefined
  if (!musl) return `${cpu}-unknown-linux-gnu`
  return cpu === 'x86_64' ? 'x86_64-unknown-linux-musl' : undefined
}

/**
 * Gives the path of the unpacked binary inside `folder`. Throws DEVNET_CHECKSUM when the bytes are not those
 * the release page vouches for, or it vouches for none; a plain error when it can't be had.
 */
export async function fetchRelease(options: ReleaseOptions, ctx: Context): Promise<string> {
  const name = `starknet-devnet-${options.target}.tar.gz`
  const asset = await findAsset(`${options.releaseUrl}/v${options.version}`, name, ctx)
  const digest = digestSchema.safeParse(asset.digest)
  if (!digest.success) {
    throw new WasmateError('DEVNET_CHECKSUM', `the release page gives no sha256 for ${name}`)
  }
  const archive = join(options.folder, name)
  const sha256 = await download(asset.browser_download_url, archive, ctx)
  if (`sha256:${sha256}` !== digest.data.toLowerCase()) {
    throw new WasmateError('DEVNET_CHECKSUM', `${name} has sha256:${sha256}, not ${digest.data}`)
  }
  return unpack(archive, options.folder)
}

async function findAsset(
  url: string,
  name: string,
  ctx: Context,
): Promise<z.infer<typeof releaseSchema>['assets'][number]> {
  ctx.report?.({ doing: 'looking for the official starknet-devnet release' })
  const idle = watchIdle(ctx.signal)
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/vnd.github+json', 'user-agent': 'wasmate' },
      signal: idle.signal,
    })
    if (!response.ok) throw new Error(`${url} answered ${response.status}`)
    const release = releaseSchema.safeParse(await response.json().catch(() => undefined))
    if (!release.success) throw new Error(`${url} does not describe a release`)
    const asset = release.data.assets.find((candidate) => candidate.name === name)
    if (!asset) throw new Error(`the release has no ${name}`)
    return asset
  } finally {
    idle.clear()
  }
}

/** Gives the SHA-256 of what was written. A body that ends early is an error, never a shorter file. */
async function download(url: string, path: string, ctx: Context): Promise<string> {
  const hash = createHash('sha256')
  const idle = watchIdle(ctx.signal)
  try {
    const response = await fetch(url, { headers: { 'user-agent': 'wasmate' }, signal: idle.signal })
    if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`)
    const total = Number(response.headers.get('content-length') ?? 0)
    let done = 0
    const counted = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        idle.touch()
        done += chunk.byteLength
        if (done > mostBytes) throw new Error(`${url} is larger than ${mostBytes} bytes`)
        hash.update(chunk)
        ctx.report?.(describeDownload(done, total))
        yield chunk
      }
    }
    await pipeline(response.body, counted, createWriteStream(path), { signal: idle.signal })
    return hash.digest('hex')
  } finally {
    idle.clear()
  }
}

function describeDownload(done: number, total: number): { doing: string; fraction?: number } {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
  if (!total) return { doing: `downloading starknet-devnet (${megabytes(done)} MB)` }
  return {
    doing: `downloading starknet-devnet (${megabytes(done)} of ${megabytes(total)} MB)`,
    fraction: Math.min(1, done / total),
  }
}

async function unpack(archive: string, folder: string): Promise<string> {
  let found: string | undefined
  try {
    await extract({
      file: archive,
      cwd: folder,
      strict: true,
      filter: (path, entry) => {
        const wanted =
          /^(\.\/)?([^/]+\/)?starknet-devnet$/.test(path) && 'type' in entry && entry.type === 'File'
        if (wanted) found = path
        return wanted
      },
    })
  } catch (error) {
    throw new Error(`the release archive can't be unpacked: ${describe(error)}`, { cause: error })
  }
  if (found === undefined) throw new Error('the release archive holds no starknet-devnet')
  return join(folder, found)
}

/** A signal that fires with the caller's, or when nothing has come for a while. */
function watchIdle(outer: AbortSignal | undefined): { signal: AbortSignal; touch(): void; clear(): void } {
  const idle = new AbortController()
  const timer = setTimeout(() => idle.abort(new Error(`nothing came for ${idleMs / 1000} s`)), idleMs)
  return {
    signal: outer ? AbortSignal.any([outer, idle.signal]) : idle.signal,
    touch: () => timer.refresh(),
    clear: () => clearTimeout(timer),
  }
}
