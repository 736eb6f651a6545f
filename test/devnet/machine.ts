// A machine of one test: its PATH, its cache, its cargo, and the release page that it is told of.

import { createHash } from 'node:crypto'
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { create } from 'tar'
import type { BinaryOptions } from '../../src/devnet/binary.ts'

const asset = 'starknet-devnet-x86_64-unknown-linux-gnu.tar.gz'

/** A program that tells a version, as starknet-devnet does. */
export async function placeProgram(
  folder: string,
  version = '0.10.1',
  name = 'starknet-devnet',
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\necho "starknet-devnet ${version}"\n`)
  await chmod(path, 0o755)
  return path
}

export function optionsIn(folder: string, more: Partial<BinaryOptions> = {}): BinaryOptions {
  return {
    pathEnv: join(folder, 'bin'),
    cacheFolder: join(folder, 'cache'),
    download: false,
    build: false,
    releaseUrl: 'http://127.0.0.1:1/releases',
    platform: 'linux',
    arch: 'x64',
    ...more,
  }
}

/** The cache holds the binary and nothing else that was made on the way. */
export async function listCache(folder: string): Promise<string[]> {
  return readdir(join(folder, 'cache', 'starknet-devnet', '0.10.1')).catch(() => [])
}

export async function servePeer(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface Release {
  archive: Buffer
  digest: string | null
  /** Answers the request for the archive itself. */
  sendArchive?: (archive: Buffer) => RequestListener
}

/** Speaks as api.github.com does for one release. */
export function serveRelease(t: TestContext, release: Release): Promise<string> {
  return servePeer(t, (request, response) => {
    const base = `http://${request.headers.host}`
    if (request.url === '/tags/v0.10.1') {
      response.setHeader('content-type', 'application/json')
      const { digest } = release
      response.end(
        JSON.stringify({ assets: [{ name: asset, browser_download_url: `${base}/archive`, digest }] }),
      )
    } else if (release.sendArchive) release.sendArchive(release.archive)(request, response)
    else response.end(release.archive)
  })
}

export async function makeRelease(folder: string, version?: string): Promise<Release> {
  await placeProgram(join(folder, 'packed'), version)
  const file = join(folder, 'made.tar.gz')
  await create({ gzip: true, cwd: join(folder, 'packed'), file }, ['starknet-devnet'])
  const archive = await readFile(file)
  return { archive, digest: `sha256:${createHash('sha256').update(archive).digest('hex')}` }
}

/** Prints and installs as `cargo install --root` does, after running `script`. */
export async function placeCargo(folder: string, script: string): Promise<void> {
  await mkdir(join(folder, 'bin'), { recursive: true })
  const path = join(folder, 'bin', 'cargo')
  const install = [
    'while [ "$1" != --root ]; do shift; done',
    'mkdir -p "$2/bin"',
    'printf \'#!/bin/sh\\necho starknet-devnet 0.10.1\\n\' > "$2/bin/starknet-devnet"',
    'chmod +x "$2/bin/starknet-devnet"',
  ]
  await writeFile(path, ['#!/bin/sh', script, ...install].join('\n'))
  await chmod(path, 0o755)
}
