// wasmate mcp as a client of it sees it: a process that is spoken to over standard input and output.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { writeFunction } from '../../helpers/builder.ts'
import { devnetPath } from '../../helpers/devnet.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { undoAfter } from '../../helpers/undo.ts'
import { until } from '../../helpers/until.ts'
import { chainIs, cliPath, freePorts, readEmulatorFile, up, wasmate } from '../../helpers/wasmate.ts'

const source = `import { Host } from '@extism/as-pdk'
export function double(): i32 {
  Host.outputString('[' + Host.inputString() + ']')
  return 0
}
`
const inputSchema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }
const files = {
  'index.ts': source,
  'wasmate.json': JSON.stringify({ exports: ['double'], description: 'Puts it in brackets.', inputSchema }),
}

interface Message {
  id?: number
  method?: string
  result?: { tools?: { name: string; description: string; inputSchema: object }[] } & Record<string, unknown>
  error?: { code: number; message: string }
}

interface Client {
  ask(method: string, params?: object): Promise<Message>
  heard: Message[]
  child: ChildProcess
  end(): Promise<number | null>
}

async function connect(t: TestContext, cwd: string, args: string[] = []): Promise<Client> {
  const child = spawn(process.execPath, [cliPath, ...args.slice(1), 'mcp', ...args.slice(0, 1)], {
    ...{ cwd, stdio: ['pipe', 'pipe', 'inherit'] },
  })
  const exited = once(child, 'close')
  const heard: Message[] = []
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    heard.push(...lines.map((line) => JSON.parse(line) as Message))
  })
  const end = async (): Promise<number | null> => {
    child.stdin?.end()
    await exited
    return child.exitCode
  }
  undoAfter(t, end)
  let id = 0
  const say = (message: object): unknown =>
    child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const ask = async (method: string, params: object = {}): Promise<Message> => {
    const asked = ++id
    say({ id: asked, method, params })
    await until(async () => heard.some((message) => message.id === asked), `an answer to ${method}`)
    return heard.find((message) => message.id === asked) ?? assert.fail()
  }
  const capabilities = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  }
  assert.equal((await ask('initialize', capabilities)).result?.['protocolVersion'], '2025-06-18')
  say({ method: 'notifications/initialized' })
  return { ask, heard, child, end }
}

test('functions of a running emulator are tools, with the schema of their wasmate.json', async (t) => {
  const cwd = await temporaryFolder(t)
  await writeFunction(cwd, 'double', files)
  const client = await connect(t, cwd)
  assert.deepEqual((await client.ask('tools/list')).result?.tools, [], 'none while no emulator runs')
  const refused = await client.ask('tools/call', { name: 'double', arguments: { n: 1 } })
  assert.equal(refused.result?.['isError'], true)
  assert.match(JSON.stringify(refused.result), /EMULATOR_NOT_RUNNING.*wasmate up/)

  const running = await up({ cwd })
  undoAfter(t, () => running.stop())
  await chainIs(running.state, 'ready')
  const deployed = await wasmate(['deploy', 'double', '--wait'], { cwd })
  assert.equal(deployed.code, 0, deployed.stderr)
  const isTold = (): boolean =>
    client.heard.some(({ method }) => method === 'notifications/tools/list_changed')
  await until(async () => isTold(), 'word of the change')
  const { result } = await client.ask('tools/list')
  const [tool] = result?.tools ?? []
  assert.equal(tool?.name, 'double')
  assert.match(tool.description, /^Puts it in brackets\. \(version 1, bafk/)
  assert.deepEqual(tool.inputSchema, inputSchema)

  const called = await client.ask('tools/call', { name: 'double', arguments: { n: 2 } })
  assert.deepEqual(called.result?.['content'], [{ type: 'text', text: '[{"n":2}]' }])
  assert.equal(called.result?.['isError'], false)
  const wrong = await client.ask('tools/call', { name: 'double', arguments: { n: 'two' } })
  assert.match(JSON.stringify(wrong.result), /INPUT_INVALID.*n: /)
  assert.equal((await client.ask('tools/call', { name: 'nobody' })).error?.code, -32_602)
  assert.equal(await client.end(), 0)
})

test('--start brings an emulator up, which goes with the client', async (t) => {
  const cwd = await temporaryFolder(t)
  const settings = [...freePorts, `devnet.path=${await devnetPath()}`].flatMap((each) => ['--set', each])
  const client = await connect(t, cwd, ['--start', ...settings])
  assert.deepEqual((await client.ask('tools/list')).result?.tools, [])
  const state = (await readEmulatorFile(cwd)) ?? assert.fail('none was started')
  undoAfter(t, () => wasmate(['down'], { cwd }))
  assert.equal(await client.end(), 0)
  await until(async () => (await readEmulatorFile(cwd))?.pid !== state.pid, 'the emulator to end')
})
