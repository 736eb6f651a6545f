// The committed artefacts are what the committed source gives, and a chain takes them.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { registryAbi } from '../../src/registry/abi.ts'
import { startChain } from '../helpers/chain.ts'
import { newRegistry, readArtifact } from '../helpers/contract.ts'

const run = promisify(execFile)

it('are what the source gives', async () => {
  const script = fileURLToPath(new URL('../../contracts/build.mjs', import.meta.url))
  const { stdout } = await run(process.execPath, [script, '--check'])
  assert.match(stdout, /All artefacts are what the source gives/)
})

it('give the types their ABI', async () => {
  assert.deepEqual(registryAbi, await readArtifact('registry.abi.json'))
})

it('are taken by a chain, which compiles the Sierra itself and compares', async () => {
  const chain = await startChain()
  try {
    const facts = await readArtifact<{ classHash: string; address: string }>('registry.json')
    const { address, classHash } = await newRegistry(chain).ensureDeployed({})
    assert.equal(BigInt(address), BigInt(facts.address))
    assert.equal(classHash, facts.classHash)
  } finally {
    await chain.stop()
  }
})
