// car verify, ls and piece: offline, on files and standard input.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { goCarV2, kuboCar, kuboRoot } from '../../helpers/cars.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { cliPath, wasmate } from '../../helpers/wasmate.ts'

/** One bit of the CID of the second block turned over. */
const damaged = Buffer.from(kuboCar)
damaged.writeUInt8(damaged.readUInt8(260) ^ 1, 260)

async function folderWith(context: TestContext, files: Record<string, Uint8Array>): Promise<string> {
  const cwd = await temporaryFolder(context)
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(cwd, name), bytes)
  return cwd
}

test('a whole CAR is verified without an emulator, of version 1 and 2', async (context) => {
  const cwd = await folderWith(context, { 'one.car': kuboCar, 'two.car': goCarV2 })
  const one = await wasmate(['car', 'verify', 'one.car'], { cwd })
  assert.deepEqual([one.code, one.stderr], [0, ''])
  assert.match(one.stdout, new RegExp(`CARv1    5 blocks .*\nroot     ${kuboRoot}  complete\nverified\n$`))
  const two = await wasmate(['car', 'verify', 'two.car', '--json'], { cwd })
  const [report] = two.json
  assert.deepEqual([two.code, report?.['ok'], report?.['version'], report?.['blockCount']], [0, true, 2, 5])
})

test('a damaged CAR names the block and what is missing by it, and ends with 1', async (context) => {
  const cwd = await folderWith(context, { 'bad.car': damaged })
  const text = await wasmate(['car', 'verify', 'bad.car'], { cwd })
  assert.equal(text.code, 1)
  assert.match(text.stdout, /^DAMAGED {2}block 1 at byte 244 {2}bafkrei\w+ {2}hash-differs/)
  assert.match(text.stdout, /root .* incomplete\nmissing .*\nNOT verified\n$/)
  const { code, json } = await wasmate(['car', 'verify', 'bad.car', '--json'], { cwd })
  assert.equal(code, 1)
  assert.deepEqual(
    json.map((line) => line['fault'] ?? line['ok']),
    ['hash-differs', false],
  )
})

test('a CAR that breaks off says where; what was read before is listed', async (context) => {
  const cwd = await folderWith(context, { 'cut.car': kuboCar.subarray(0, 400) })
  const verified = await wasmate(['car', 'verify', 'cut.car'], { cwd })
  assert.equal(verified.code, 1)
  assert.match(verified.stdout, /BROKEN {3}at byte 400: it ends within a section, 20 of 93 bytes are missing/)
  const listed = await wasmate(['car', 'ls', 'cut.car', '--json'], { cwd })
  assert.equal(listed.code, 1)
  assert.deepEqual(
    listed.json.map((line) => line['offset']),
    [59, 244, 285, undefined],
  )
  assert.equal((listed.json[3]?.['error'] as { code: string }).code, 'CAR_INVALID')
})

test('a part of a DAG is verified as such when that is said', async (context) => {
  const cwd = await folderWith(context, { 'part.car': kuboCar.subarray(0, 285) })
  assert.equal((await wasmate(['car', 'verify', 'part.car'], { cwd })).code, 1)
  assert.equal((await wasmate(['car', 'verify', 'part.car', '--partial'], { cwd })).code, 0)
})

test('ls gives offset, bytes, codec and CID of each block', async (context) => {
  const cwd = await folderWith(context, { 'one.car': kuboCar })
  const { code, json } = await wasmate(['car', 'ls', 'one.car', '--json'], { cwd })
  assert.equal(code, 0)
  assert.equal(json.length, 5)
  assert.deepEqual(json[0], { index: 0, offset: 59, bytes: 147, cid: kuboRoot, codec: 'dag-pb' })
})

test('piece gives what deals need of a CAR, and nothing for a damaged one', async (context) => {
  const cwd = await folderWith(context, { 'one.car': kuboCar, 'bad.car': damaged, 'two.car': goCarV2 })
  const { code, json } = await wasmate(['car', 'piece', 'one.car', '--json'], { cwd })
  assert.equal(code, 0)
  assert.deepEqual(json[0], {
    file: 'one.car',
    version: 1,
    roots: [kuboRoot],
    cid: 'bafkzcibcfucbqpk4nwqq42atq5nmoiuyg7ac75cl4g2ylwyak3qhad7qqduj6iq',
    cidV1: 'baga6ea4seaqbqpk4nwqq42atq5nmoiuyg7ac75cl4g2ylwyak3qhad7qqduj6iq',
    rawBytes: 463,
    paddedBytes: 512,
    warnings: [],
  })
  const two = await wasmate(['car', 'piece', 'two.car'], { cwd })
  assert.equal(two.code, 0)
  assert.match(two.stderr, /warning: it is CARv2/)
  const bad = await wasmate(['car', 'piece', 'bad.car'], { cwd })
  assert.equal(bad.code, 1)
  assert.equal(bad.stdout, '')
  assert.match(bad.stderr, /CAR_INVALID.*damaged/)
})

test('what is not there, no file, or no CAR is said so', async (context) => {
  const cwd = await folderWith(context, { 'page.car': Buffer.from('<html>not found</html>') })
  const missing = await wasmate(['car', 'verify', 'nothing.car'], { cwd })
  assert.deepEqual([missing.code, missing.stdout], [1, ''])
  assert.match(missing.stderr, /INPUT_INVALID.*nothing\.car/)
  assert.match((await wasmate(['car', 'ls', '.'], { cwd })).stderr, /INPUT_INVALID.*is not a file/)
  const page = await wasmate(['car', 'verify', 'page.car'], { cwd })
  assert.equal(page.code, 1)
  assert.match(page.stdout, /BROKEN {3}at byte 22: it ends within a header/)
})

test('standard input is read as it comes', async (context) => {
  const cwd = await temporaryFolder(context)
  const child = spawn(process.execPath, [cliPath, 'car', 'verify', '-'], { cwd, stdio: 'pipe' })
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  for (let from = 0; from < goCarV2.length; from += 50) child.stdin.write(goCarV2.subarray(from, from + 50))
  child.stdin.end()
  const [code] = (await once(child, 'close')) as [number | null]
  assert.equal(code, 0)
  assert.match(stdout, /CARv2 {4}5 blocks/)
})

test('Ctrl-C ends the wait for standard input', async (context) => {
  const cwd = await temporaryFolder(context)
  const child = spawn(process.execPath, [cliPath, 'car', 'ls', '-'], { cwd, stdio: 'pipe' })
  const first = once(child.stdout, 'data')
  child.stdin.write(kuboCar)
  await first
  child.kill('SIGINT')
  const [code] = (await once(child, 'close')) as [number | null]
  assert.equal(code, 130)
})
