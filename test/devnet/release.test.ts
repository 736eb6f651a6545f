import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { findDevnet, locateDevnet } from '../../src/devnet/binary.ts'
import { releaseTarget } from '../../src/devnet/release.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import {
  type Release,
  listCache,
  makeRelease,
  optionsIn,
  placeProgram,
  servePeer,
  serveRelease,
} from './machine.ts'

test('the official release is downloaded, verified and kept', async (t) => {
  const folder = await temporaryFolder(t)
  const releaseUrl = `${await serveRelease(t, await makeRelease(folder))}/tags`
  const told: string[] = []
  const options = optionsIn(folder, { download: true, releaseUrl })
  const { binary, origin } = await locateDevnet(options, { report: ({ doing }) => told.push(doing) })
  assert.equal(origin, 'release')
  assert.equal((await findDevnet(options)).found?.binary, binary)
  assert.deepEqual(await listCache(folder), ['starknet-devnet'])
  assert.ok(
    told.some((doing) => /downloading starknet-devnet \(.* MB\)/.test(doing)),
    told.join(),
  )
})

test('two processes that fetch at once both get a whole binary', async (t) => {
  const folder = await temporaryFolder(t)
  const releaseUrl = `${await serveRelease(t, await makeRelease(folder))}/tags`
  const options = optionsIn(folder, { download: true, releaseUrl })
  const both = await Promise.all([locateDevnet(options, {}), locateDevnet(options, {})])
  assert.equal(both[0].binary, both[1].binary)
  assert.deepEqual(await listCache(folder), ['starknet-devnet'])
})

test('a release with a wrong checksum, or with none, installs nothing', async (t) => {
  const folder = await temporaryFolder(t)
  await placeProgram(join(folder, 'bin'), '0.10.1', 'cargo')
  const release = await makeRelease(folder)
  for (const digest of [`sha256:${'0'.repeat(64)}`, null, 'md5:00']) {
    const releaseUrl = `${await serveRelease(t, { ...release, digest })}/tags`
    const options = optionsIn(folder, { download: true, build: true, releaseUrl })
    await assert.rejects(locateDevnet(options, {}), { code: 'DEVNET_CHECKSUM' })
    assert.deepEqual(await listCache(folder), [])
  }
})

test('a download that breaks off, a page instead of an archive, and another version count for nothing', async (t) => {
  const folder = await temporaryFolder(t)
  const good = await makeRelease(folder)
  const cut: Release = {
    ...good,
    sendArchive: (archive) => (_request, response) => {
      response.writeHead(200, { 'content-length': archive.length })
      response.write(archive.subarray(0, archive.length / 2), () => response.destroy())
    },
  }
  const page = Buffer.from('<html>sign in</html>')
  const html = { archive: page, digest: `sha256:${createHash('sha256').update(page).digest('hex')}` }
  const other = await makeRelease(folder, '0.9.9')
  const cases: [Release, RegExp][] = [
    [cut, /release: (terminated|.*aborted|.*premature|.*other side closed)/i],
    [html, /release: the release archive (can't be unpacked|holds no)/],
    [other, /release: what came is version 0\.9\.9/],
  ]
  for (const [release, message] of cases) {
    const releaseUrl = `${await serveRelease(t, release)}/tags`
    const options = optionsIn(folder, { download: true, releaseUrl })
    await assert.rejects(locateDevnet(options, {}), { code: 'DEVNET_MISSING', message })
    assert.deepEqual(await listCache(folder), [])
  }
})

test('a release page that is not one is told as such', async (t) => {
  const folder = await temporaryFolder(t)
  const peer = await servePeer(t, (_request, response) => response.end('<html>captive portal</html>'))
  const options = optionsIn(folder, { download: true, releaseUrl: peer })
  await assert.rejects(locateDevnet(options, {}), {
    code: 'DEVNET_MISSING',
    message: /does not describe a release/,
  })
})

test('a cancelled download leaves nothing behind', async (t) => {
  const folder = await temporaryFolder(t)
  const release = await makeRelease(folder)
  const abort = new AbortController()
  const stuck: Release = {
    ...release,
    sendArchive: (archive) => (_request, response) => {
      response.writeHead(200, { 'content-length': archive.length })
      response.write(archive.subarray(0, 10), () => setTimeout(() => abort.abort(), 20))
    },
  }
  const options = optionsIn(folder, { download: true, releaseUrl: `${await serveRelease(t, stuck)}/tags` })
  await assert.rejects(locateDevnet(options, { signal: abort.signal }), { name: 'AbortError' })
  assert.deepEqual(await listCache(folder), [])
})

test('each platform that upstream builds for has its target, others have none', () => {
  assert.equal(releaseTarget('linux', 'x64', false), 'x86_64-unknown-linux-gnu')
  assert.equal(releaseTarget('linux', 'arm64', false), 'aarch64-unknown-linux-gnu')
  assert.equal(releaseTarget('linux', 'x64', true), 'x86_64-unknown-linux-musl')
  assert.equal(releaseTarget('linux', 'arm64', true), undefined)
  assert.equal(releaseTarget('darwin', 'x64', false), 'x86_64-apple-darwin')
  assert.equal(releaseTarget('darwin', 'arm64', false), 'aarch64-apple-darwin')
  assert.equal(releaseTarget('linux', 'riscv64', false), undefined)
})
