// car import and export with a running emulator.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type KuboRPCClient, create } from 'kubo-rpc-client'
import { CID } from 'multiformats/cid'
import { encodeCar } from '../../../src/content/car.ts'
import { type Block, codecOf, makeBlock } from '../../../src/content/dag/codecs.ts'
import { goCarV2, kuboCar, kuboRoot } from '../../helpers/cars.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { undoAfter } from '../../helpers/undo.ts'
import { cliPath, up, wasmate } from '../../helpers/wasmate.ts'

const raw = codecOf('raw')
const cbor = codecOf('dag-cbor')

interface Place {
  cwd: string
  kubo: KuboRPCClient
  put(name: string, bytes: Uint8Array): Promise<void>
}

async function startPlace(context: TestContext): Promise<Place> {
  const cwd = await temporaryFolder(context)
  const running = await up({ cwd })
  undoAfter(context, () => running.stop())
  const kubo = create({ url: `${running.state.urls.kubo}/api/v0` })
  return { cwd, kubo, put: (name, bytes) => writeFile(join(cwd, name), bytes) }
}

async function pinsOf(kubo: KuboRPCClient): Promise<[string, string][]> {
  const pins: [string, string][] = []
  for await (const { cid, name } of kubo.pin.ls({ type: 'recursive', names: true } as object)) {
    pins.push([cid.toString(), name ?? ''])
  }
  return pins.sort()
}

async function carOf(roots: Block[], blocks: Block[]): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of encodeCar(
    roots.map(({ cid }) => cid),
    blocks,
  ))
    parts.push(part)
  return Buffer.concat(parts)
}

test('a CAR goes in, is pinned, and comes out the same; again under its name, as CARv2, it changes nothing', async (context) => {
  const { cwd, kubo, put } = await startPlace(context)
  await put('one.car', kuboCar)
  await put('two.car', goCarV2)
  const first = await wasmate(['car', 'import', 'one.car', '--name', 'folder', '--json'], { cwd })
  assert.equal(first.code, 0)
  assert.deepEqual(first.json[0], {
    file: 'one.car',
    roots: [kuboRoot],
    pinned: true,
    blockCount: 5,
    blockBytes: 218,
  })
  assert.deepEqual(await pinsOf(kubo), [[kuboRoot, 'folder']])
  assert.equal((await wasmate(['car', 'import', 'two.car', '--name', 'folder'], { cwd })).code, 0)
  assert.deepEqual(await pinsOf(kubo), [[kuboRoot, 'folder']])
  assert.equal((await wasmate(['car', 'export', kuboRoot], { cwd })).code, 0)
  assert.deepEqual(await readFile(join(cwd, `${kuboRoot}.car`)), kuboCar)
})

test('of a damaged CAR nothing goes in, and the block is named', async (context) => {
  const { cwd, kubo, put } = await startPlace(context)
  const wrong = Buffer.from(kuboCar)
  wrong.writeUInt8(wrong.readUInt8(450) ^ 1, 450)
  await put('bad.car', wrong)
  await put('cut.car', kuboCar.subarray(0, 400))
  const bad = await wasmate(['car', 'import', 'bad.car'], { cwd })
  assert.equal(bad.code, 1)
  assert.match(bad.stderr, /DAMAGED {2}block 4 at byte 420/)
  assert.match(bad.stderr, /CAR_INVALID.*1 hash-differs.*nothing was imported/)
  assert.match(
    (await wasmate(['car', 'import', 'cut.car'], { cwd })).stderr,
    /at byte 400.*nothing was imported/,
  )
  assert.deepEqual(await pinsOf(kubo), [])
  await assert.rejects(kubo.block.get(CID.parse(kuboRoot), { offline: true } as object))
})

test('when one root is not complete no root is pinned, but one that was before stays', async (context) => {
  const { cwd, kubo, put } = await startPlace(context)
  const [one, two, three] = ['one', 'two', 'three'].map((text) => makeBlock(Buffer.from(text), raw)) as [
    Block,
    Block,
    Block,
  ]
  const lacking = makeBlock(cbor.encode([three.cid]), cbor)
  await put('before.car', await carOf([two], [two]))
  await put('both.car', await carOf([one, two, lacking], [one, two, lacking]))
  assert.equal((await wasmate(['car', 'import', 'before.car'], { cwd })).code, 0)
  const both = await wasmate(['car', 'import', 'both.car'], { cwd })
  assert.equal(both.code, 3)
  assert.match(both.stderr, new RegExp(`KUBO_REFUSED.*${lacking.cid.toString()}.*no root was pinned`))
  assert.deepEqual(
    (await pinsOf(kubo)).map(([cid]) => cid),
    [two.cid.toString()],
  )
  // What it lacks may be in the node already.
  await put('rest.car', await carOf([three], [three]))
  await wasmate(['car', 'import', 'rest.car'], { cwd })
  assert.equal((await wasmate(['car', 'import', 'both.car'], { cwd })).code, 0)
})

test('--no-pin stores the blocks alone, also those of a CAR without roots', async (context) => {
  const { cwd, kubo, put } = await startPlace(context)
  const block = makeBlock(Buffer.from('alone'), raw)
  await put('rootless.car', await carOf([], [block]))
  const refused = await wasmate(['car', 'import', 'rootless.car'], { cwd })
  assert.match(refused.stderr, /CAR_INVALID.*names no root to pin/)
  const stored = await wasmate(['car', 'import', 'rootless.car', '--no-pin', '--json'], { cwd })
  assert.deepEqual([stored.json[0]?.['pinned'], stored.json[0]?.['blockCount']], [false, 1])
  assert.deepEqual(await pinsOf(kubo), [])
  assert.deepEqual(Buffer.from(await kubo.block.get(block.cid)).toString(), 'alone')
})

test('a name exports what its current version is, and the path of it names the file', async (context) => {
  const { cwd } = await startPlace(context)
  await wasmate(['new', 'hello'], { cwd })
  const deployed = await wasmate(['deploy', 'hello', '--wait', '--json'], { cwd })
  const { cid } = deployed.json.at(-1)?.['pin'] as { cid: string }
  const { code, json } = await wasmate(['car', 'export', 'hello', '--json'], { cwd })
  assert.deepEqual([code, json[0]?.['root'], json[0]?.['file']], [0, cid, join(cwd, 'hello.car')])
  assert.equal((await wasmate(['car', 'verify', 'hello.car'], { cwd })).code, 0)
  const unknown = await wasmate(['car', 'export', 'nobody'], { cwd })
  assert.match(unknown.stderr, /FUNCTION_NOT_FOUND/)
})

test('standard input is imported like a file', async (context) => {
  const { cwd, kubo } = await startPlace(context)
  const block = makeBlock(Buffer.from('text'), raw)
  const car = await carOf([block], [block])
  const stdio = ['pipe', 'ignore', 'ignore'] as const
  const child = spawn(process.execPath, [cliPath, 'car', 'import', '-'], { cwd, stdio: [...stdio] })
  child.stdin?.end(car)
  const [code] = (await once(child, 'close')) as [number | null]
  assert.equal(code, 0)
  assert.deepEqual(
    (await pinsOf(kubo)).map(([cid]) => cid),
    [block.cid.toString()],
  )
})
