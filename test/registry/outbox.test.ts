// Publications on their way: nothing acknowledged is lost, nothing is sent that is not on disk.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { WasmateError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Publication, Registration } from '../../src/model.ts'
import { Outbox, type Publisher } from '../../src/registry/outbox.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { until } from '../helpers/until.ts'

const publication = (name: string, cid = `bafk-${name}`): Publication => {
  return { name, cid, sha256: '00', size: 1, sourceCid: '' }
}

/** The other side of the outbox: a registry that can be told to be away, or to refuse. */
function registryOf(): Publisher & { published: Publication[]; failWith?: WasmateError | undefined } {
  const published: Publication[] = []
  const side = {
    published,
    failWith: undefined as WasmateError | undefined,
    publish: async (wanted: Publication): Promise<Registration> => {
      if (side.failWith) throw side.failWith
      published.push(wanted)
      const version = published.filter(({ name }) => name === wanted.name).length
      return { ...wanted, version, publisher: '0x1', transactionHash: '0x2', blockNumber: 1 }
    },
    resolve: async (name: string) => {
      const current = published.findLast((each) => each.name === name)
      if (!current) throw new WasmateError('FUNCTION_NOT_FOUND', name)
      const version = {
        ...current,
        version: 1,
        publisher: '0x1',
        publishedAt: 0,
        attestations: 0,
        yanked: false,
      }
      return { name, owner: '0x1', versionCount: 1, current: version }
    },
  }
  return side
}

async function openOutbox(path: string): Promise<Outbox> {
  const outbox = new Outbox({ path, log: silentLog })
  await outbox.open()
  return outbox
}

test('what is added while the chain is away goes out in order when it comes', async (context) => {
  const outbox = await openOutbox(join(await temporaryFolder(context), 'outbox'))
  undoAfter(context, () => outbox.close())
  const added = [
    await outbox.add(publication('a')),
    await outbox.add(publication('b')),
    await outbox.add(publication('a', 'bafk-2')),
  ]
  assert.deepEqual(
    outbox.pending.map(({ name }) => name),
    ['a', 'b', 'a'],
  )
  const registry = registryOf()
  outbox.connect(registry)
  await Promise.all(added.map(({ registered }) => registered))
  assert.deepEqual(
    registry.published.map(({ cid }) => cid),
    ['bafk-a', 'bafk-b', 'bafk-2'],
  )
  assert.deepEqual(outbox.pending, [])
})

test('the same bytes added many times at once are sent once', async (context) => {
  const outbox = await openOutbox(join(await temporaryFolder(context), 'outbox'))
  undoAfter(context, () => outbox.close())
  const registry = registryOf()
  const added = await Promise.all(Array.from({ length: 10 }, () => outbox.add(publication('a'))))
  outbox.connect(registry)
  const registrations = await Promise.all(added.map(({ registered }) => registered))
  assert.equal(registry.published.length, 1)
  assert.ok(registrations.every(({ registration }) => registration.version === 1))
})

test('what was added before a restart is sent after it, and what landed before the restart is not sent again', async (context) => {
  const path = join(await temporaryFolder(context), 'outbox')
  const first = await openOutbox(path)
  await first.add(publication('landed'))
  await first.add(publication('waiting'))
  await first.close()
  const registry = registryOf()
  registry.published.push(publication('landed'))
  const second = await openOutbox(path)
  undoAfter(context, () => second.close())
  second.connect(registry)
  await until(async () => second.pending.length === 0)
  assert.deepEqual(
    registry.published.map(({ name }) => name),
    ['landed', 'waiting'],
  )
})

test('what was on the chain before it could be sent is told as unchanged; what was sent unseen is told as registered', async (context) => {
  const outbox = await openOutbox(join(await temporaryFolder(context), 'outbox'))
  undoAfter(context, () => outbox.close())
  const registry = registryOf()
  registry.published.push(publication('a'))
  const added = await outbox.add(publication('a'))
  outbox.connect(registry)
  assert.equal((await added.registered).state, 'unchanged')
  // The answer is lost on its way here.
  const { publish } = registry
  registry.publish = async (...asked) => {
    await publish(...asked)
    throw new WasmateError('CHAIN_NOT_READY')
  }
  const { registered } = await outbox.add(publication('b'))
  await until(async () => registry.published.length === 2)
  outbox.connect(registry)
  assert.equal((await registered).state, 'registered')
  assert.equal(registry.published.length, 2)
})

test('what was on the chain before is unchanged also where the chain broke off while it was looked for', async (context) => {
  const outbox = await openOutbox(join(await temporaryFolder(context), 'outbox'))
  undoAfter(context, () => outbox.close())
  const registry = registryOf()
  registry.published.push(publication('a'))
  const { resolve } = registry
  let asked = 0
  registry.resolve = async (name) => {
    if (asked++ === 0) throw new WasmateError('CHAIN_NOT_READY')
    return resolve(name)
  }
  const { registered } = await outbox.add(publication('a'))
  outbox.connect(registry)
  await until(async () => asked > 0)
  outbox.connect(registry)
  assert.equal((await registered).state, 'unchanged')
  assert.equal(registry.published.length, 1)
})

test('a refusal by the contract is an answer; a chain that is away is waited for', async (context) => {
  const outbox = await openOutbox(join(await temporaryFolder(context), 'outbox'))
  undoAfter(context, () => outbox.close())
  const registry = registryOf()
  registry.failWith = new WasmateError('NAME_TAKEN', 'a')
  outbox.connect(registry)
  await assert.rejects((await outbox.add(publication('a'))).registered, { code: 'NAME_TAKEN' })
  registry.failWith = new WasmateError('CHAIN_NOT_READY')
  const { registered } = await outbox.add(publication('b'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(
    outbox.pending.map(({ name }) => name),
    ['b'],
  )
  registry.failWith = undefined
  outbox.connect(registry)
  assert.equal((await registered).registration.version, 1)
})

test('what can not be journaled is refused, not sent, and does not wait', async (context) => {
  const path = join(await temporaryFolder(context), 'outbox')
  const outbox = await openOutbox(path)
  const registry = registryOf()
  outbox.connect(registry)
  // With its file closed under it every append fails, as on a disk that is full.
  await outbox.close()
  outbox.connect(registry)
  await assert.rejects(outbox.add(publication('a')))
  await assert.rejects(outbox.add(publication('a')))
  assert.deepEqual([outbox.pending, registry.published], [[], []])
  assert.equal(await readFile(path, 'utf8'), '')
})

test('a settled publication whose record is lost is looked up, not sent again', async (context) => {
  const path = join(await temporaryFolder(context), 'outbox')
  const outbox = await openOutbox(path)
  await outbox.add(publication('a'))
  const journaled = await readFile(path)
  const registry = registryOf()
  outbox.connect(registry)
  await until(async () => outbox.pending.length === 0)
  await outbox.close()
  await writeFile(path, journaled)
  const again = await openOutbox(path)
  undoAfter(context, () => again.close())
  again.connect(registry)
  await until(async () => again.pending.length === 0)
  assert.equal(registry.published.length, 1)
})
