// car export: from a gateway that the settings name, no emulator running.

import assert from 'node:assert/strict'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { kuboCar, kuboRoot } from '../../helpers/cars.ts'
import { startGateway, startNode } from '../../helpers/content.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { startFalseGateway } from '../../helpers/gateways.ts'
import { start, wasmate } from '../../helpers/wasmate.ts'

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

interface Place {
  cwd: string
  /** The setting that names the gateway. */
  from: string[]
}

async function startPlace(context: TestContext): Promise<Place> {
  const node = await startNode(context)
  await node.importCar(inOne(kuboCar), true)
  return { cwd: await temporaryFolder(context), from: through(await startGateway(context, node)) }
}

function through(...gateways: string[]): string[] {
  return ['--set', `content.gateways=${JSON.stringify(gateways)}`]
}

test('a DAG comes out as Kubo exports it, byte for byte', async (context) => {
  const { cwd, from } = await startPlace(context)
  const { code, json } = await wasmate(['car', 'export', kuboRoot, '-o', 'all.car', '--json', ...from], {
    cwd,
  })
  assert.equal(code, 0)
  assert.deepEqual(json[0], {
    root: kuboRoot,
    file: join(cwd, 'all.car'),
    scope: 'all',
    blocks: 5,
    bytes: kuboCar.length,
  })
  assert.deepEqual(await readFile(join(cwd, 'all.car')), kuboCar)
  assert.deepEqual(await readdir(cwd), ['all.car'])
})

test('a path leads to the root of the CAR, and a scope leaves blocks out', async (context) => {
  const { cwd, from } = await startPlace(context)
  const file = await wasmate(['car', 'export', `ipfs://${kuboRoot}/c/three.txt`, ...from], { cwd })
  assert.equal(file.code, 0)
  const listed = await wasmate(['car', 'ls', 'three.txt.car', '--json'], { cwd })
  assert.deepEqual(
    listed.json.map(({ bytes, codec }) => [bytes, codec]),
    [[6, 'raw']],
  )
  await wasmate(['car', 'export', kuboRoot, '--scope', 'block', '-o', 'top.car', ...from], { cwd })
  assert.deepEqual(await readFile(join(cwd, 'top.car')), kuboCar.subarray(0, 244))
  const nowhere = await wasmate(['car', 'export', `${kuboRoot}/none`, ...from], { cwd })
  assert.equal(nowhere.code, 1)
  assert.match(nowhere.stderr, /CONTENT_NOT_FOUND.*no link named "none"/)
})

test('with --piece it says what car piece says of the file', async (context) => {
  const { cwd, from } = await startPlace(context)
  const args = ['car', 'export', kuboRoot, '-o', 'all.car', '--piece', '--json', ...from]
  const { json } = await wasmate(args, { cwd })
  const [alone] = (await wasmate(['car', 'piece', 'all.car', '--json'], { cwd })).json
  const { cid, cidV1, rawBytes, paddedBytes } = alone ?? {}
  assert.ok(cid)
  assert.deepEqual(json[0]?.['piece'], { cid, cidV1, rawBytes, paddedBytes })
})

test('a file that is there is left alone unless --force says otherwise', async (context) => {
  const { cwd, from } = await startPlace(context)
  await writeFile(join(cwd, 'all.car'), 'mine')
  const refused = await wasmate(['car', 'export', kuboRoot, '-o', 'all.car', ...from], { cwd })
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /INPUT_INVALID.*all\.car is there already; --force writes over it/)
  assert.equal(await readFile(join(cwd, 'all.car'), 'utf8'), 'mine')
  const forced = await wasmate(['car', 'export', kuboRoot, '-o', 'all.car', '--force', ...from], { cwd })
  assert.equal(forced.code, 0)
  assert.deepEqual(await readFile(join(cwd, 'all.car')), kuboCar)
  assert.deepEqual(await readdir(cwd), ['all.car'])
})

test('-o - gives a pipe the CAR alone', async (context) => {
  const { cwd, from } = await startPlace(context)
  const { code, stdout, stderr } = await wasmate(['car', 'export', kuboRoot, '-o', '-', ...from], { cwd })
  assert.equal(code, 0)
  // What of it is text survives as it is, the rest of the bytes does not in a string.
  assert.match(stdout, /^:.eroots/)
  assert.ok(!stdout.includes(kuboRoot))
  assert.match(stderr, new RegExp(`root +${kuboRoot}`))
  const both = await wasmate(['car', 'export', kuboRoot, '-o', '-', '--json', ...from], { cwd })
  assert.match(both.stdout, /both want standard output/)
})

test('from gateways that lie nothing is left behind', async (context) => {
  const cwd = await temporaryFolder(context)
  const wrong = Buffer.from(kuboCar)
  wrong.writeUInt8(wrong.readUInt8(450) ^ 1, 450)
  const liar = await startFalseGateway(context, (response) => {
    response.setHeader('content-type', 'application/vnd.ipld.car; version=1')
    response.end(wrong)
  })
  const { code, stderr } = await wasmate(['car', 'export', kuboRoot, '-o', 'x.car', ...through(liar.url)], {
    cwd,
  })
  assert.equal(code, 3)
  assert.match(stderr, /GATEWAYS_FAILED/)
  assert.deepEqual(await readdir(cwd), [])
})

test('Ctrl-C in the middle leaves nothing behind and ends with 130', async (context) => {
  const cwd = await temporaryFolder(context)
  let isAsked = (): void => undefined
  const asked = new Promise<void>((resolve) => (isAsked = resolve))
  const slow = await startFalseGateway(context, (response) => {
    response.setHeader('content-type', 'application/vnd.ipld.car; version=1')
    response.write(kuboCar.subarray(0, 300))
    isAsked()
  })
  const args = ['car', 'export', kuboRoot, '-o', 'x.car', ...through(slow.url)]
  const { child, exitCode, stderr } = start(args, cwd)
  await asked
  child.kill('SIGINT')
  assert.equal(await exitCode, 130, stderr())
  assert.deepEqual(await readdir(cwd), [])
})

test('with nowhere to fetch from it says so; what is no CID is told', async (context) => {
  const cwd = await temporaryFolder(context)
  const nowhere = await wasmate(['car', 'export', kuboRoot], { cwd })
  assert.equal(nowhere.code, 1)
  assert.match(nowhere.stderr, /EMULATOR_NOT_RUNNING/)
  const odd = await wasmate(['car', 'export', `${kuboRoot}x`, ...through('http://127.0.0.1:9')], { cwd })
  assert.match(odd.stderr, /CID_INVALID/)
  const folder = await wasmate(['car', 'export', kuboRoot, '-o', 'no/x.car'], { cwd })
  assert.match(folder.stderr, /INPUT_INVALID.*there is no folder/)
})
