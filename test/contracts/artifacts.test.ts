// The committed artefacts are what the committed source gives, a network has room for them, and a chain takes them.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { registryAbi } from '../../src/registry/abi.ts'
import { startChain } from '../helpers/chain.ts'
import { newRegistry, readArtifact, starknet } from '../helpers/contract.ts'

type Files = Record<string, string>

/** contracts/build.mjs, which `npm run contracts` runs. */
interface Build {
  makeArtifacts(): Promise<{ files: Files; note: string }>
  findDifferent(files: Files): Promise<string[]>
}

interface Facts {
  classHash: string
  compiledClassHash: string
  address: string
}

const readPage = (): Promise<string> => readFile(new URL('../../docs/registry.md', import.meta.url), 'utf8')

describe('artefacts of the registry contract', { concurrency: false }, () => {
  let build: Build
  let made: Awaited<ReturnType<Build['makeArtifacts']>>
  before(async () => {
    build = (await import(new URL('../../contracts/build.mjs', import.meta.url).href)) as Build
    made = await build.makeArtifacts()
  })

  it('are what the source gives', async () => {
    assert.deepEqual(await build.findDifferent(made.files), [])
    assert.deepEqual(Object.keys(made.files).sort(), [
      'contracts/registry.abi.json',
      'contracts/registry.casm.json',
      'contracts/registry.json',
      'contracts/registry.sierra.json',
      'src/registry/abi.ts',
    ])
    assert.match(made.note, /^CASM made by|the CASM is kept, because the Sierra is unchanged$/)
  })

  it('are each found out when they are not', async () => {
    for (const [path, text] of Object.entries(made.files)) {
      const other = { ...made.files, [path]: text.replace(/1/, '2') }
      assert.deepEqual(await build.findDifferent(other), [path])
    }
  })

  it('have the CASM that its hash is of, with or without a compiler of CASM', async () => {
    type Casm = Parameters<typeof starknet.hash.computeCompiledClassHashBlake>[0]
    const { compiledClassHash } = await readArtifact<Facts>('registry.json')
    const casm = await readArtifact<Casm>('registry.casm.json')
    assert.equal(starknet.hash.computeCompiledClassHashBlake(casm), compiledClassHash)
  })

  it('give the types their ABI', async () => {
    assert.deepEqual(registryAbi, await readArtifact('registry.abi.json'))
  })

  it('stay under the limits of Starknet by far, with the sizes that docs/registry.md gives', async () => {
    const { bytecode } = await readArtifact<{ bytecode: string[] }>('registry.casm.json')
    const bytes = Buffer.byteLength(made.files['contracts/registry.sierra.json'] ?? '')
    assert.ok(bytes < 4_089_446 / 2, `${bytes} bytes of Sierra class`)
    assert.ok(bytecode.length < 81_920 / 2, `${bytecode.length} felts of CASM`)
    const page = await readPage()
    assert.ok(page.includes(`| ${bytes.toLocaleString('en-US')} bytes |`), `${bytes} bytes`)
    assert.ok(
      page.includes(`| ${bytecode.length.toLocaleString('en-US')} felts |`),
      `${bytecode.length} felts`,
    )
  })

  it('have no function and no event that docs/registry.md does not name', async () => {
    const page = await readPage()
    const names = registryAbi.flatMap((entry) => {
      if (entry.type === 'interface') return entry.items.map(({ name }) => name)
      return entry.type === 'event' && entry.kind === 'struct' ? [entry.name.split('::').at(-1) ?? ''] : []
    })
    assert.ok(names.length > 20)
    assert.deepEqual(
      names.filter((name) => !page.includes(`\`${name}`)),
      [],
    )
  })

  describe('on a chain', () => {
    let chain: Awaited<ReturnType<typeof startChain>>
    before(async () => {
      chain = await startChain()
    })
    after(() => chain.stop())

    it('are taken, which compiles the Sierra itself and compares', async () => {
      const facts = await readArtifact<Facts>('registry.json')
      const { address, classHash } = await newRegistry(chain).ensureDeployed({})
      assert.equal(BigInt(address), BigInt(facts.address))
      assert.equal(classHash, facts.classHash)
    })
  })
})
