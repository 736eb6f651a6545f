import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
import { silentLog } from '../../src/base/log.ts'
import type { Devnet } from '../../src/devnet/devnet.ts'
import type { DevnetOptions, DevnetState } from '../../src/devnet/supervisor.ts'
import { createChainRpc } from '../../src/serve/chain-rpc.ts'
import { listenHttp } from '../../src/serve/http.ts'
import {
  blockOf,
  cheap,
  childPid,
  createDevnet,
  foreignAccount,
  mint,
  reach,
  strk,
  transfer,
} from '../devnet/running.ts'
import { temporaryFolder } from '../helpers/folder.ts'

async function serveChain(
  t: TestContext,
  options: Partial<DevnetOptions> = {},
): Promise<{ devnet: Devnet; url: string }> {
  const devnet = createDevnet(t, await temporaryFolder(t), options)
  const http = createChainRpc({ devnet, maxBodyBytes: 1024 * 1024, log: silentLog })
  t.after(() => http.close())
  return { devnet, url: await listenHttp(http, 0, silentLog) }
}

function post(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
}

const blockNumber = '{"jsonrpc":"2.0","id":1,"method":"starknet_blockNumber"}'
const mintOne = '{"jsonrpc":"2.0","id":"m","method":"devnet_mint","params":{"address":"0x1","amount":1}}'

async function openSocket(
  url: string,
): Promise<{ socket: WebSocket; next: () => Promise<Record<string, unknown>> }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`)
  const messages: string[] = []
  let wake = (): void => undefined
  socket.on('message', (data: Buffer) => {
    messages.push(data.toString())
    wake()
  })
  await once(socket, 'open')
  const next = async (): Promise<Record<string, unknown>> => {
    while (messages.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return JSON.parse(messages.shift() ?? '') as Record<string, unknown>
  }
  return { socket, next }
}

test('what starknet.js sends survives a kill of the devnet: blocks, hashes, times, nonces, balances', async (t) => {
  const { devnet, url } = await serveChain(t)
  await devnet.start()
  const { account, to } = await foreignAccount(devnet, `${url}/rpc`)
  const hashes: string[] = []
  for (let nonce = 0n; nonce < 5n; nonce++) {
    const { transaction_hash: hash } = await account.execute(transfer(to), { ...cheap, nonce })
    hashes.push(hash)
  }
  const estimated = await account.execute(transfer(to))
  hashes.push(estimated.transaction_hash)
  const look = async (): Promise<unknown[]> => [
    ...(await Promise.all([0, 1, 2, 3, 4, 5, 6].map((number) => blockOf(devnet, number)))),
    await account.getNonce(),
    await Promise.all(
      hashes.map((hash) => devnet.call('starknet_getTransactionReceipt', { transaction_hash: hash })),
    ),
    await devnet.call('devnet_getAccountBalance', { address: to }),
    await devnet.call('devnet_getAccountBalance', { address: account.address }),
  ]
  const before = await look()
  const pid = childPid(devnet)
  process.kill(pid, 'SIGKILL')
  assert.deepEqual(await look(), before)
  assert.notEqual(childPid(devnet), pid)
  const more = await account.execute(transfer(to), { ...cheap, nonce: 6n })
  assert.equal(
    (await account.provider.waitForTransaction(more.transaction_hash, { retryInterval: 20 })).isSuccess(),
    true,
  )
})

test('both paths answer, and is_alive tells whether the chain is ready', async (t) => {
  const { devnet, url } = await serveChain(t)
  assert.equal((await fetch(`${url}/is_alive`)).status, 503)
  await devnet.start()
  assert.equal(await (await fetch(`${url}/is_alive`)).text(), 'Alive!!!')
  for (const path of ['/', '/rpc']) {
    assert.deepEqual(await (await post(url + path, blockNumber)).json(), { jsonrpc: '2.0', id: 1, result: 0 })
  }
})

test('errors keep the form of JSON-RPC', async (t) => {
  const { devnet, url } = await serveChain(t)
  const notReady = await post(url, blockNumber)
  assert.equal(notReady.status, 503)
  const { id, error } = (await notReady.json()) as {
    id: unknown
    error: { code: number; data: { code: string } }
  }
  assert.deepEqual([id, error.code, error.data.code], [1, -32000, 'CHAIN_NOT_READY'])
  const batch = (await (await post(url, `[${blockNumber},${blockNumber}]`)).json()) as unknown[]
  assert.equal(batch.length, 2)

  await devnet.start()
  const codeOf = async (body: string, type = 'application/json'): Promise<unknown> => {
    const answer = await post(url, body, { 'content-type': type })
    return ((await answer.json()) as { error: { code: number } }).error.code
  }
  assert.equal(await codeOf('{"jsonrpc"'), -32700)
  assert.equal(await codeOf('{}'), -32600)
  assert.equal(await codeOf('{"jsonrpc":"2.0","id":1,"method":"starknet_nothing"}'), -32601)
  assert.equal(await codeOf('{"jsonrpc":"2.0","id":1,"method":"devnet_dump"}'), -32604)
  assert.equal(await codeOf(blockNumber, 'text/plain'), -32000)
  assert.equal(await codeOf(`"${'x'.repeat(1024 * 1024)}"`), -32000)
  assert.equal((await fetch(`${url}/nothing`)).status, 404)
})

test('a page from elsewhere is refused, a page of this machine may read the answer', async (t) => {
  const { devnet, url } = await serveChain(t)
  await devnet.start()
  const foreign = await post(url, mintOne, { origin: 'https://example.com' })
  assert.equal(foreign.status, 403)
  const origin = 'http://localhost:3000'
  const own = await post(url, blockNumber, { origin })
  assert.equal(own.headers.get('access-control-allow-origin'), origin)
  assert.equal(((await own.json()) as { result: number }).result, 0)
  const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin } })
  assert.equal(preflight.status, 204)
  assert.equal(preflight.headers.get('access-control-allow-headers'), 'content-type')

  const rebound = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { host: 'evil.example', 'content-type': 'application/json' }
    httpRequest(url, { method: 'POST', headers }, ({ statusCode }) => resolve(statusCode))
      .on('error', reject)
      .end(mintOne)
  })
  assert.equal(rebound, 403)
})

test('a subscription hears of writes, and a write over the WebSocket is kept like any other', async (t) => {
  const states: DevnetState[] = []
  const { devnet, url } = await serveChain(t, { onState: (state) => states.push(state) })
  await devnet.start()
  const { socket, next } = await openSocket(url)
  t.after(() => socket.terminate())
  const params = { from_address: strk, block_id: 'latest' }
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'starknet_subscribeEvents', params }))
  assert.equal((await next())['id'], 5)
  socket.send(mintOne)
  // In any order: the block that a subscription begins with may have events of its own.
  const wanted = new Set(['m', 'starknet_subscriptionEvents'])
  while (wanted.size > 0) {
    const { id, method } = await next()
    wanted.delete(String(id ?? method))
  }
  socket.send('not JSON')
  let answer = await next()
  while (answer['method'] === 'starknet_subscriptionEvents') answer = await next()
  assert.ok((answer['error'] as { code: number }).code < 0)

  const closed = once(socket, 'close')
  states.length = 0
  process.kill(childPid(devnet), 'SIGKILL')
  assert.equal((await closed)[0], 1012)
  await reach(states, 'restoring')
  assert.equal(await mint(devnet, '0x1'), '2')
  const again = await openSocket(url)
  again.socket.send(blockNumber)
  assert.equal((await again.next())['result'], 2)
  again.socket.terminate()
})

test('a WebSocket is refused to pages from elsewhere, on other paths, and while there is no chain', async (t) => {
  const states: DevnetState[] = []
  const { devnet, url } = await serveChain(t, { onState: (state) => states.push(state) })
  const refused = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, { headers })
    const [error] = (await once(socket, 'error')) as [Error]
    return error.message
  }
  assert.match(await refused('/ws'), /503/)
  await devnet.start()
  await reach(states, 'ready')
  assert.match(await refused('/ws', { origin: 'https://example.com' }), /403/)
  assert.match(await refused('/ws', { host: 'evil.example' }), /403/)
  assert.match(await refused('/elsewhere'), /404/)
})
