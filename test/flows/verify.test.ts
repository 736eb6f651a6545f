// A name verified from the chain to its source and back, with a real chain, node, gateway and compiler.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { ErrorCode } from '../../src/base/errors.ts'
import type { Registry } from '../../src/registry/registry.ts'
import type { Step } from '../../src/steps.ts'
import { type Check, type Verification, attest, verify } from '../../src/flows/verify.ts'
import { type Chain, startChain } from '../helpers/chain.ts'
import { addBytes } from '../helpers/content.ts'
import { newRegistry } from '../helpers/contract.ts'
import { type Place, openPlace } from '../helpers/place.ts'

const c = '#include <extism-pdk.h>\n'
const simple = `${c}EXTISM_EXPORT(f) int32_t f(void) { extism_output_text("ok"); return 0; }\n`

let chain: Chain
let registry: Registry

before(async () => {
  chain = await startChain()
  registry = newRegistry(chain)
  await registry.ensureDeployed({})
})

after(() => chain.stop())

async function verifyIt(
  place: Place,
  name: string,
  version?: number,
): Promise<{ verification: Verification; steps: string[] }> {
  const steps: Step[] = []
  const verification = await verify(name, { version }, place.stages, {}, (step) => void steps.push(step))
  return { verification, steps: steps.map(({ step }) => step) }
}

/** What each check came to: `sha256`, or `sha256 CONTENT_MISMATCH`. */
function outcomes({ checks }: Verification): string[] {
  return checks.map(({ what, ok, code }) => (ok ? what : `${what} ${code}`))
}

function failedWith(verification: Verification, code: ErrorCode): Check {
  const found = verification.checks.find((check) => check.code === code)
  assert.ok(found, JSON.stringify(verification.checks))
  return found
}

test('what is built from its registered source is verified, and can be attested', async (t) => {
  const place = await openPlace(t, registry)
  const published = await place.publish('good', { 'main.c': simple })
  const { verification, steps } = await verifyIt(place, 'good')
  assert.deepEqual(outcomes(verification), ['yanked', 'cid', 'sha256', 'size', 'source', 'rebuild', 'bytes'])
  assert.equal(verification.verified, true)
  assert.equal(verification.difference, undefined)
  const { cid, sha256, size, sourceCid, version } = published
  const { name: _, checks: _checks, verified: _verified, ...facts } = verification
  assert.deepEqual(facts, { version, cid, sha256, size, sourceCid })
  assert.deepEqual(steps, ['resolve', 'fetch', 'check', 'source', 'rebuild', 'compare'])
  const verifier = newRegistry(chain, 1)
  const receipt = await attest(verification, verifier, {})
  assert.match(receipt.transactionHash, /^0x/)
  assert.equal(await registry.hasAttested('good', 1, chain.accounts[1]?.address ?? ''), true)
})

test('AssemblyScript is verified as well, in the version that was asked for', async (t) => {
  const place = await openPlace(t, registry)
  const code = (value: number): Record<string, string> => ({
    'index.ts': `import { Host } from '@extism/as-pdk'\nexport function f(): i32 { Host.outputString('${value}'); return 0 }\n`,
  })
  await place.publish('script', code(1))
  await place.publish('script', code(2))
  const { verification } = await verifyIt(place, 'script', 1)
  assert.deepEqual([verification.version, verification.verified], [1, true])
})

test('the time of the build in the module: which bytes differ is told, and nobody can attest it', async (t) => {
  const place = await openPlace(t, registry)
  const dated = `${c}const char *volatile built = __DATE__ " " __TIME__;\nEXTISM_EXPORT(f) int32_t f(void) { extism_output_text(built); return 0; }\n`
  await place.publish('dated', { 'main.c': dated })
  await delay(1_100)
  const { verification } = await verifyIt(place, 'dated')
  assert.equal(verification.verified, false)
  const { what, detail } = failedWith(verification, 'NOT_REPRODUCIBLE')
  assert.equal(what, 'bytes')
  assert.match(
    detail,
    /^[1-9] (byte differs|bytes differ) in \d places?: .*at 0x[0-9a-f]+ in the data section/,
  )
  assert.equal(verification.difference?.ranges[0]?.section, 'data')
  await assert.rejects(attest(verification, registry, {}), {
    code: 'NOT_REPRODUCIBLE',
    message: /data section/,
  })
})

test('other source than was built: the function that differs is named', async (t) => {
  const place = await openPlace(t, registry)
  const other = await place.publish('other', { 'main.c': simple.replace('return 0', 'return 41') })
  const { cid, sha256, size } = other
  await place.publish('swapped', { 'main.c': simple }, { publication: { cid, sha256, size } })
  const { verification } = await verifyIt(place, 'swapped')
  const { detail } = failedWith(verification, 'NOT_REPRODUCIBLE')
  assert.match(detail, /in the code section, function \d+ \(f(\.command_export)?\)/)
  assert.match(verification.checks.find(({ what }) => what === 'source')?.detail ?? '', /of another module/)
})

test('another compiler is told; where it gives the same bytes that is fine, where not it is the likely cause', async (t) => {
  const place = await openPlace(t, registry)
  const record = { toolchain: 'clang 99.0.1' }
  await place.publish('newer', { 'main.c': simple }, { record })
  const fine = (await verifyIt(place, 'newer')).verification
  assert.equal(fine.verified, true)
  assert.match(
    fine.checks.find(({ what }) => what === 'rebuild')?.detail ?? '',
    /built with clang 99\.0\.1, here is/,
  )
  const bytes = Buffer.from(
    (await place.stages.fetch(fine.cid, {})).map((byte, at) => (at === 60 ? byte ^ 1 : byte)),
  )
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const publication = { cid: await addBytes(place.node, bytes), sha256 }
  await place.publish('newer', { 'main.c': simple }, { record, publication })
  const { verification } = await verifyIt(place, 'newer')
  assert.match(
    failedWith(verification, 'NOT_REPRODUCIBLE').detail,
    /clang 99\.0\.1, here is .*the likely cause$/,
  )
})

test('bytes that are not the registered ones fail by hash and by size', async (t) => {
  const place = await openPlace(t, registry)
  const publication = { sha256: 'ab'.repeat(32), size: 12 }
  await place.publish('lied', { 'main.c': simple }, { publication })
  const { verification } = await verifyIt(place, 'lied')
  assert.deepEqual(outcomes(verification).slice(1, 4), [
    'cid',
    'sha256 CONTENT_MISMATCH',
    'size CONTENT_MISMATCH',
  ])
  assert.match(
    failedWith(verification, 'CONTENT_MISMATCH').detail,
    /registered is (ab){32}, found [0-9a-f]{64}/,
  )
  await assert.rejects(attest(verification, registry, {}), { code: 'CONTENT_MISMATCH' })
})

test('without a source, or with one that is gone, the rest is still checked', async (t) => {
  const place = await openPlace(t, registry)
  await place.publish('bare', { 'main.c': simple }, { publication: { sourceCid: '' } })
  const bare = (await verifyIt(place, 'bare')).verification
  assert.deepEqual(outcomes(bare), ['yanked', 'cid', 'sha256', 'size', 'source SOURCE_NOT_REGISTERED'])
  assert.equal(bare.verified, false)
  const absent = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'
  await place.publish('gone', { 'main.c': simple }, { publication: { sourceCid: absent } })
  assert.deepEqual(outcomes((await verifyIt(place, 'gone')).verification).at(-1), 'source GATEWAYS_FAILED')
  const { cid } = bare
  await place.publish('module', { 'main.c': simple }, { publication: { sourceCid: cid } })
  assert.deepEqual(
    outcomes((await verifyIt(place, 'module')).verification).at(-1),
    'source CONTENT_NOT_FOUND',
  )
})

test('a source that needs what was not published is told so', async (t) => {
  const place = await openPlace(t, registry)
  await place.publish('needs', { 'main.c': `#include ".hidden/part.h"\n${simple}`, '.hidden/part.h': '' })
  const { verification } = await verifyIt(place, 'needs')
  const { what, detail } = failedWith(verification, 'NOT_REPRODUCIBLE')
  assert.equal(what, 'rebuild')
  assert.match(detail, /main\.c:1:10: .*part\.h.*not published with it/s)
})

test('a yanked version is verified with a warning, and not attested', async (t) => {
  const place = await openPlace(t, registry)
  await place.publish('old', { 'main.c': simple })
  await registry.change({ kind: 'yank', name: 'old', version: 1 }, {})
  const { verification } = await verifyIt(place, 'old', 1)
  assert.equal(verification.verified, true)
  assert.equal(failedWith(verification, 'VERSION_YANKED').what, 'yanked')
  await assert.rejects(attest(verification, registry, {}), { code: 'VERSION_YANKED' })
})

test('what leaves nothing to verify is thrown', async (t) => {
  const place = await openPlace(t, registry)
  await assert.rejects(verifyIt(place, 'nobody'), { code: 'FUNCTION_NOT_FOUND' })
  await place.publish(
    'lost',
    { 'main.c': simple },
    {
      publication: { cid: 'bafkreih25dih6ug3xtj73vswccw423b56ilrwmnos4cbwhrceudopdp5sq' },
    },
  )
  await assert.rejects(verifyIt(place, 'lost'), { code: 'GATEWAYS_FAILED' })
  await place.publish('stopped', { 'main.c': simple })
  const cancel = new AbortController()
  const work = verify('stopped', {}, place.stages, { signal: cancel.signal }, ({ step }) => {
    if (step === 'source') cancel.abort()
  })
  await assert.rejects(work, { code: 'CANCELLED' })
})
