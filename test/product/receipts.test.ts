// Receipts as people meet them: a call leaves one, the command line replays it, another machine does, and what is
// wrong with one is told.

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { BlockFolder } from '../../src/content/blocks.ts'
import { parseCid } from '../../src/content/dag/codecs.ts'
import { ControlClient } from '../../src/client/control.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { type Finished, type Running, up, wasmate } from '../helpers/wasmate.ts'

const source = `import { Host } from '@extism/as-pdk'
export function hello(): i32 {
  const name = Host.inputString()
  if (name == 'trap') unreachable()
  Host.outputString('Hello, ' + name + ' at ' + Date.now().toString())
  return 0
}
`

suite('receipts of a running emulator', { timeout: 300_000 }, () => {
  let cwd: string
  let running: Running
  let cid: string

  // No chain is needed for any of it.
  const start = (args: string[] = []): Promise<Running> => up({ cwd, devnet: join(cwd, 'no-devnet'), args })
  const deploy = async (): Promise<string> => {
    const { json } = await wasmate(['deploy', 'hello', '--json'], { cwd })
    return (json[0] as { pin: { cid: string } }).pin.cid
  }

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    await wasmate(['new', 'hello'], { cwd })
    await writeFile(join(cwd, 'hello/index.ts'), source)
    running = await start()
    cid = await deploy()
  })
  after(async () => {
    await running.stop()
    await rm(cwd, { recursive: true, force: true })
  })

  const post = (input: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${running.state.urls.functions}/functions/${cid}`, { method: 'POST', body: input, headers })
  const receiptOf = async (input: string): Promise<string> => {
    const response = await post(input, { 'wasmate-receipt': 'required' })
    return response.headers.get('wasmate-receipt') ?? ''
  }
  const replay = (receipt: string, ...options: string[]): Promise<Finished> =>
    wasmate(['replay', receipt, '--json', ...options], { cwd })
  const codeOf = async (receipt: string): Promise<unknown> => {
    const { json, code } = await replay(receipt)
    assert.notEqual(code, 0)
    return (json[0]?.['error'] as { code?: string } | undefined)?.code
  }
  const read = async (receipt: string): Promise<Record<string, unknown>> => {
    const response = await fetch(`${running.state.urls.gateway}/ipfs/${receipt}?format=raw`)
    return (await response.json()) as Record<string, unknown>
  }
  const put = async (value: unknown): Promise<string> => {
    const body = new FormData()
    body.append('file', JSON.stringify(value))
    const url = `${running.state.urls.kubo}/api/v0/dag/put?store-codec=dag-json&input-codec=dag-json&pin=true`
    const response = await fetch(url, { method: 'POST', body })
    return ((await response.json()) as { Cid: { '/': string } }).Cid['/']
  }

  test('a call leaves a receipt, and it replays to the same bytes, the clock of then included', async () => {
    const answer = await wasmate(['invoke', cid, '--input', 'Ada', '--json'], { cwd })
    const receipt = String(answer.json[0]?.['receipt'])
    const { code, json } = await replay(receipt)
    assert.equal(code, 0)
    const { same, module, faithful, replayed } = json[0] as Record<string, unknown>
    assert.deepEqual([same, module, faithful], [true, cid, true])
    const { output } = replayed as { output: { base64: string } }
    assert.equal(Buffer.from(output.base64, 'base64').toString(), answer.json[0]?.['output'])
    const fuel = (await replay(receipt, '--fuel')).json[0]?.['fuel']
    assert.ok(typeof fuel === 'number' && fuel > 100)
    // On a machine that is slow just now the call was too long to be counted at once.
    assert.ok([fuel, undefined].includes(json[0]?.['fuel'] as number | undefined))
    assert.match((await wasmate(['replay', receipt], { cwd })).stdout, /^the same {2}.* hello\n/)
  })

  test('a call that traps leaves one too, named in the header of the problem', async () => {
    const response = await post('trap', { 'wasmate-receipt': 'required' })
    assert.equal(response.status, 500)
    const receipt = response.headers.get('wasmate-receipt') ?? ''
    const { code, json } = await replay(receipt)
    assert.equal(code, 0)
    assert.match(JSON.stringify(json[0]?.['replayed']), /"code":"CALL_TRAPPED","detail":"unreachable/)
  })

  test('an invocation that fails names its receipt too', async () => {
    const failed = await wasmate(['invoke', cid, '--input', 'trap', '--json'], { cwd })
    assert.equal(failed.code, 1)
    const { receipt } = failed.json[0]?.['error'] as { receipt: string }
    assert.equal((await replay(receipt)).code, 0)
    const { stderr } = await wasmate(['invoke', cid, '--input', 'trap'], { cwd })
    assert.match(stderr, /^error CALL_TRAPPED: .*\n( +at .*\n)* +receipt: baguqeera\w+\n +next: /)
  })

  test('one that was required is in the history when its answer comes, also when no line is found of a trap', async (t) => {
    const path = join(cwd, 'hello/index.ts')
    await writeFile(path, source.replace('Hello', 'Good day'))
    undoAfter(t, () => writeFile(path, source))
    const response = await post('trap', { 'wasmate-receipt': 'required' })
    const [newest] = await new ControlClient(running.state).stream('history', { limit: 1 }, {})
    assert.ok(newest?.receipt !== undefined)
    assert.equal(newest.receipt, response.headers.get('wasmate-receipt'))
  })

  test('the history names it, and a replay takes the number of the call as well', async () => {
    const receipt = await receiptOf('by number')
    const client = new ControlClient(running.state)
    const [newest] = await client.stream('history', { limit: 1 }, {})
    assert.equal(newest?.receipt, receipt)
    const report = await client.stream('replay', { invocation: newest.id }, {})
    assert.deepEqual([report.receipt, report.same], [receipt, true])
  })

  test('what is acknowledged outlives a kill, and collections leave it until it is forgotten', async () => {
    const receipt = await receiptOf('kept')
    await running.kill()
    running = await start()
    const collect = (): Promise<Response> =>
      fetch(`${running.state.urls.kubo}/api/v0/repo/gc`, { method: 'POST' })
    await (await collect()).text()
    assert.equal((await replay(receipt)).code, 0)
    await new ControlClient(running.state).stream('clear', {}, {})
    await (await collect()).text()
    assert.equal(await codeOf(receipt), 'RECEIPT_NOT_FOUND')
  })

  test('a CAR of it has the module in it, and another machine replays it', async (t) => {
    const receipt = await receiptOf('shared')
    const car = join(cwd, 'receipt.car')
    await wasmate(['car', 'export', receipt, '-o', car], { cwd })
    const elsewhere = await temporaryFolder(t)
    const other = await up({ cwd: elsewhere, devnet: join(cwd, 'no-devnet') })
    undoAfter(t, () => other.stop())
    assert.equal((await wasmate(['car', 'import', car], { cwd: elsewhere })).code, 0)
    const there = await wasmate(['replay', receipt, '--json'], { cwd: elsewhere })
    assert.equal(there.json[0]?.['same'], true)
  })

  test('what is no receipt, is of a newer format, or is not here, is told apart', async () => {
    const receipt = await receiptOf('as it is')
    const value = await read(receipt)
    assert.equal(await codeOf(await put({ ...value, format: 2 })), 'RECEIPT_NEWER')
    assert.equal(await codeOf(await put({ ...value, limits: {} })), 'RECEIPT_INVALID')
    assert.equal(await codeOf(await put({ hello: 'world' })), 'RECEIPT_INVALID')
    assert.equal(await codeOf(cid), 'RECEIPT_INVALID')
    assert.equal(await codeOf('bafy'), 'CID_INVALID')
    assert.equal(
      await codeOf('baguqeeraz2mmazl5oo57wdblzxhtcdpqn4wkc3nyumyfwbxlezzjwrn73xvq'),
      'RECEIPT_NOT_FOUND',
    )
    assert.equal(await codeOf('999999'), 'RECEIPT_NOT_FOUND')
    assert.equal(
      await codeOf(await put({ ...value, input: { size: 9, sha256: 'a'.repeat(64) } })),
      'RECEIPT_INCOMPLETE',
    )
  })

  test('a host call that the module does not make, and an output that it does not give, are named', async () => {
    const value = await read(await receiptOf('other'))
    const more = await put({
      ...value,
      host: [...(value['host'] as unknown[]), { call: 'config', key: 'who' }],
    })
    const { code, json } = await replay(more)
    assert.equal(code, 1)
    assert.deepEqual(json[0]?.['diverged'], { index: 1, expected: 'config_get who' })
    const other = await put({
      ...value,
      output: { '/': { bytes: Buffer.from('Hello, you').toString('base64').replace(/=+$/, '') } },
    })
    const differs = (await replay(other)).json[0]
    assert.equal(differs?.['same'], false)
    assert.match(JSON.stringify(differs?.['difference']), /-Hello, you\\n\+Hello, other at/)
  })

  test('one that was edited on disk is refused, and nothing of it is run', async () => {
    const receipt = await receiptOf('edited')
    const path = new BlockFolder(join(cwd, '.wasmate/content/blocks')).pathOf(parseCid(receipt))
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('"format":1', '"format":1 '))
    assert.equal(await codeOf(receipt), 'RECEIPT_DAMAGED')
  })

  test('where none can be written, the answer comes without one, and the next that can be is named again', async () => {
    const incoming = join(cwd, '.wasmate/content/blocks/incoming')
    await rm(incoming, { recursive: true })
    await writeFile(incoming, '')
    const response = await post('full', { 'wasmate-receipt': 'required' })
    assert.match(await response.text(), /^Hello, full/)
    assert.equal(response.headers.get('wasmate-receipt'), null)
    await rm(incoming)
    await mkdir(incoming)
    assert.equal((await replay(await receiptOf('room'))).code, 0)
  })

  test('an input that is too large for one is said, and the call is answered', async () => {
    const response = await post('x'.repeat(12_000_000), { 'wasmate-receipt': 'required' })
    assert.equal(response.status, 200)
    const receipt = response.headers.get('wasmate-receipt') ?? ''
    const value = await read(receipt)
    assert.deepEqual([value['faithful'], (value['input'] as { size: number }).size], [false, 12_000_000])
    assert.equal(await codeOf(receipt), 'RECEIPT_INCOMPLETE')
  })

  test('on a new build, what changed is shown before it is deployed', async () => {
    await receiptOf('before')
    const client = new ControlClient(running.state)
    const [call] = await client.stream('history', { limit: 1 }, {})
    assert.equal(call?.target, cid)
    // By its CID it has no name: nothing is found for the folder.
    const none = await wasmate(['replay', '--against', 'hello', '--json'], { cwd })
    assert.deepEqual([none.code, none.json[0]?.['same'], none.json[0]?.['changed']], [0, 0, 0])
  })

  test('a module that is gone is named', async () => {
    const receipt = await receiptOf('gone')
    await running.stop()
    await rm(new BlockFolder(join(cwd, '.wasmate/content/blocks')).pathOf(parseCid(cid)))
    running = await start(['--set', 'trace.receipts=off'])
    const { json } = await replay(receipt)
    const { code, detail } = json[0]?.['error'] as { code: string; detail: string }
    assert.equal(code, 'RECEIPT_MODULE_MISSING')
    assert.ok(detail.includes(cid))
  })

  test('switched off, no call leaves one', async () => {
    cid = await deploy()
    const response = await post('off', { 'wasmate-receipt': 'required' })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('wasmate-receipt'), null)
  })
})
