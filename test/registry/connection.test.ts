// What answers at an RPC URL: another version, another chain, no RPC at all, nothing.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { Registry } from '../../src/registry/registry.ts'
import { type Chain, openDoor, startChain } from '../helpers/chain.ts'
import { artifactsFolder, cid, newRegistry } from '../helpers/contract.ts'
import { type RpcAnswer, openRpc, result } from '../helpers/rpc.ts'

const publication = { name: 'there', cid, sha256: 'ab'.repeat(32), size: 1, sourceCid: '' }

describe('the RPC that a registry is read from', { concurrency: false, timeout: 120_000 }, () => {
  let chain: Chain

  before(async () => {
    chain = await startChain()
    const registry = newRegistry(chain)
    await registry.ensureDeployed({})
    await registry.publish(publication, {})
  })
  after(() => chain.stop())

  const reader = (rpcUrl: string, chainId?: string): Registry =>
    new Registry({ rpcUrl, ...(chainId !== undefined && { chainId }), artifactsFolder, log: silentLog })
  const through = async (
    answer: (method: string) => RpcAnswer | undefined,
    use: (rpcUrl: string, asked: string[]) => Promise<unknown>,
  ): Promise<void> => {
    const front = await openRpc(chain, answer)
    try {
      await use(front.rpcUrl, front.asked)
    } finally {
      await front.close()
    }
  }
  const versionOf = (version: unknown) => (method: string) =>
    method === 'starknet_specVersion' ? result(version) : undefined

  it('is asked for its version and its chain once, before anything else', () =>
    through(
      () => undefined,
      async (rpcUrl, asked) => {
        const registry = reader(rpcUrl)
        await Promise.all([registry.resolve('there'), registry.resolve('there')])
        await registry.resolve('there')
        assert.deepEqual(asked.slice(0, 2).sort(), ['starknet_chainId', 'starknet_specVersion'])
        assert.deepEqual(asked.slice(2), ['starknet_call', 'starknet_call', 'starknet_call'])
      },
    ))

  for (const version of ['0.9.0', '0.10.0', '0.10.9', '0.10.0-rc.1']) {
    it(`is read when it speaks ${version}`, () =>
      through(versionOf(version), async (rpcUrl) => {
        assert.equal((await reader(rpcUrl).resolve('there')).current.cid, cid)
      }))
  }

  for (const version of ['0.8.1', '0.1.0', '0.11.0', '1.0.0', 'a fork', 10]) {
    it(`is refused when it speaks ${JSON.stringify(version)}`, () =>
      through(versionOf(version), async (rpcUrl, asked) => {
        await assert.rejects(reader(rpcUrl).resolve('there'), {
          code: 'RPC_VERSION',
          detail: `${rpcUrl} speaks ${JSON.stringify(version)}; supported are 0.9 and 0.10`,
        })
        assert.ok(!asked.includes('starknet_call'))
      }))
  }

  for (const chainId of ['SN_SEPOLIA', '0x534e5f5345504f4c4941', '0x534E5F5345504F4C4941']) {
    it(`is read when it serves the chain that is meant by ${chainId}`, async () => {
      assert.equal((await reader(chain.rpcUrl, chainId).resolve('there')).name, 'there')
    })
  }

  it('is refused when it serves another chain, naming both', async () => {
    const sepolia = 'SN_SEPOLIA (0x534e5f5345504f4c4941)'
    for (const [chainId, named] of [
      ['SN_MAIN', 'SN_MAIN (0x534e5f4d41494e)'],
      ['0x534e5f4d41494e', 'SN_MAIN (0x534e5f4d41494e)'],
      ['', '? (0x0)'],
    ] as const) {
      await assert.rejects(reader(chain.rpcUrl, chainId).resolve('there'), {
        code: 'CHAIN_ID_MISMATCH',
        detail: `${chain.rpcUrl} serves ${sepolia}, and ${named} is meant`,
      })
    }
  })

  it('is refused when it gives something else than the id of a chain', () =>
    through(
      (method) => (method === 'starknet_chainId' ? result({ chain: 'main' }) : undefined),
      (rpcUrl) =>
        assert.rejects(reader(rpcUrl).resolve('there'), {
          code: 'RPC_REFUSED',
          detail: `${rpcUrl} gives {"chain":"main"} for the id of its chain`,
        }),
    ))

  const strangers: Record<string, [RpcAnswer, RegExp]> = {
    'a web page': [
      { type: 'text/html', body: '<!doctype html>\n<h1>It works</h1>' },
      /\(HTTP 200, text\/html: <!doctype html> <h1>It works<\/h1>\)$/,
    ],
    'that there is nothing': [
      { status: 404, type: 'text/plain', body: 'Not Found' },
      /\(HTTP 404, text\/plain: Not Found\)$/,
    ],
    nothing: [{ body: '' }, /\(HTTP 200, application\/json: nothing\)$/],
    'half of an answer': [{ body: '{"jsonrpc":"2.0","id":1,"resu' }, /: \{"jsonrpc":"2.0","id":1,"resu\)$/],
    'JSON of another kind': [{ status: 401, body: '{"message":"no key"}' }, /HTTP 401, .*no key/],
    'an error of another kind': [{ body: '{"error":"who are you?"}' }, /who are you/],
    null: [{ body: 'null' }, /: null\)$/],
  }
  for (const [what, [answer, detail]] of Object.entries(strangers)) {
    it(`is no Starknet RPC when it answers ${what}`, () =>
      through(
        () => answer,
        (rpcUrl) => assert.rejects(reader(rpcUrl).resolve('there'), { code: 'RPC_REFUSED', detail }),
      ))
  }

  it('is waited for when it fails or has had too much', async () => {
    for (const status of [429, 500, 502, 503]) {
      await through(
        () => ({ status, type: 'text/html', body: '<h1>later</h1>' }),
        (rpcUrl) =>
          assert.rejects(reader(rpcUrl).resolve('there'), {
            code: 'CHAIN_NOT_READY',
            detail: `${rpcUrl} does not answer: HTTP ${status}: <h1>later</h1>`,
          }),
      )
    }
  })

  it('is named without the key that may be in its URL', async () => {
    for (const path of ['v2/0123456789abcdef0123', 'rpc?key=0123456789abcdef0123']) {
      await assert.rejects(reader(`http://127.0.0.1:1/${path}`).resolve('there'), (error: Error) => {
        assert.match(error.message, /http:\/\/127\.0\.0\.1:1\/\w/)
        assert.doesNotMatch(error.message, /0123456789/)
        return true
      })
    }
  })

  it('is not asked with a password in its URL, and the password is not shown', async () => {
    await assert.rejects(reader('http://me:s3cret@127.0.0.1:1/rpc').resolve('there'), (error: Error) => {
      assert.match(error.message, /127\.0\.0\.1:1\/rpc has a user name or password in it/)
      assert.doesNotMatch(error.message, /s3cret/)
      return 'code' in error && error.code === 'CONFIG_INVALID'
    })
  })

  it('is not waited for any more once the client is ended', async () => {
    const front = await openRpc(chain)
    try {
      const ending = new AbortController()
      const { signal } = ending
      const registry = new Registry({ rpcUrl: front.rpcUrl, artifactsFolder, signal, log: silentLog })
      await registry.resolve('there')
      front.hang()
      const asked = [registry.resolve('there'), registry.list({ offset: 0, limit: 1 })]
      ending.abort()
      for (const each of asked) await assert.rejects(each, { code: 'CANCELLED' })
    } finally {
      await front.close()
    }
  })

  it('is not asked for a page that the contract can not count to', async () => {
    const wrong = [
      { offset: 2 ** 32, limit: 1 },
      { offset: 0, limit: 2 ** 32 },
      { offset: -1, limit: 1 },
    ]
    for (const page of wrong) {
      await assert.rejects(reader(chain.rpcUrl).list(page), { code: 'INPUT_INVALID', detail: /below 2\^32/ })
    }
  })

  it('is read again when it comes back, by the same client', async () => {
    const door = await openDoor(chain)
    try {
      await door.shut()
      const registry = reader(door.rpcUrl, 'SN_SEPOLIA')
      await assert.rejects(registry.resolve('there'), { code: 'CHAIN_NOT_READY' })
      await assert.rejects(registry.history('there', {}), { code: 'CHAIN_NOT_READY' })
      await door.open()
      assert.equal((await registry.resolve('there')).name, 'there')
    } finally {
      await door.close()
    }
  })

  it('loses no publication when something else answers for it', async () => {
    const front = await openRpc(chain)
    try {
      const registry = newRegistry(chain, 1, { rpcUrl: front.rpcUrl })
      await registry.publish({ ...publication, name: 'proxied' }, {})
      // It goes through, and a proxy answers in the chain's place.
      let isLost = false
      front.answer = (method) => {
        if (method !== 'starknet_addInvokeTransaction' || isLost) return undefined
        isLost = true
        return { status: 403, type: 'text/html', body: 'blocked', afterAll: true }
      }
      await assert.rejects(registry.publish({ ...publication, name: 'proxied', size: 2 }, {}), {
        code: 'RPC_REFUSED',
        detail: /HTTP 403, text\/html: blocked/,
      })
      assert.equal((await newRegistry(chain).resolve('proxied')).versionCount, 2)
      const { version } = await registry.publish({ ...publication, name: 'proxied', size: 2 }, {})
      assert.equal(version, 2)
    } finally {
      await front.close()
    }
  })

  it('has no registry of this kind when the contract there is another', async () => {
    const universalDeployer = '0x02ceed65a4bd731034c01113685c831b01c15d7d432f71afb1cf1634b53a2125'
    const registry = new Registry({ rpcUrl: chain.rpcUrl, address: universalDeployer, log: silentLog })
    await assert.rejects(registry.resolve('there'), { code: 'REGISTRY_UNSUPPORTED', detail: /`kind`/ })
  })

  it('can be read without an account, and not written to', async () => {
    const registry = reader(chain.rpcUrl)
    assert.equal((await registry.list({ offset: 0, limit: 1 }))[0]?.name, 'there')
    const detail = 'there can only be read here'
    await assert.rejects(registry.publish(publication, {}), { code: 'ACCOUNT_MISSING', detail })
    await assert.rejects(registry.change({ kind: 'accept-ownership', name: 'there' }, {}), {
      code: 'ACCOUNT_MISSING',
      detail,
    })
    const elsewhere = await startChain()
    try {
      await assert.rejects(reader(elsewhere.rpcUrl).ensureDeployed({}), { code: 'ACCOUNT_MISSING' })
    } finally {
      await elsewhere.stop()
    }
  })
})
