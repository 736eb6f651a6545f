// Registered functions as tools of language models, called as another extension would call them.

import assert from 'node:assert/strict'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { after, before, describe, it } from 'mocha'
import {
  ConfigurationTarget,
  LanguageModelTextPart,
  type LanguageModelToolResult,
  Uri,
  commands,
  extensions,
  lm,
  version,
  workspace,
} from 'vscode'
import type { Api } from '../../src/extension.ts'
import { listMcpServers } from '../../src/vscode/tools/mcp.ts'
import { until } from '../helpers/until.ts'
import { ask, fs } from './editor.ts'

const [folder] = workspace.workspaceFolders ?? []
const place = (...path: string[]): Uri => Uri.joinPath(folder?.uri ?? Uri.file('/'), ...path)

const source = `import { Host } from '@extism/as-pdk'
export function adder(): i32 {
  Host.outputString(Host.inputString())
  return 0
}
`
const manifest = {
  exports: ['adder'],
  description: 'Gives back what it was given.',
  inputSchema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
}

function textOf({ content }: LanguageModelToolResult): string[] {
  return content.map((part) => (part instanceof LanguageModelTextPart ? part.value : assert.fail('no text')))
}

describe('tools of language models', () => {
  const isThere = (name: string): boolean => lm.tools.some((tool) => tool.name === name)
  // A newer editor lists also what it offers to no model: there only what a call says tells.
  const listsAll = Number(version.split('.')[1]) > 100
  const turn = (value: boolean | undefined): Thenable<void> =>
    workspace.getConfiguration('wasmate.tools').update('enabled', value, ConfigurationTarget.Workspace)
  const call = async (name: string, input: object): Promise<string[]> =>
    textOf(await lm.invokeTool(name, { input, toolInvocationToken: undefined }))
  const confirm = async (value: boolean | undefined): Promise<void> => {
    const key = listsAll ? 'global.autoApprove' : 'autoApprove'
    // A newer editor asks once whether that is meant, but in its own tests.
    await commands.executeCommand('setContext', 'vscode.chat.tools.global.autoApprove.testMode', value)
    await workspace.getConfiguration('chat.tools').update(key, value, ConfigurationTarget.Global)
  }

  before(async () => {
    await extensions.getExtension('wasmate.wasmate')?.activate()
    await fs.writeFile(place('adder', 'index.ts'), Buffer.from(source))
    await fs.writeFile(place('adder', 'wasmate.json'), Buffer.from(JSON.stringify(manifest)))
    await ask('run', { args: ['deploy', 'adder', '--wait'] })
  })

  after(async () => {
    await turn(undefined)
    await confirm(undefined)
    await fs.delete(place('adder'), { recursive: true })
  })

  it('are not there before they are switched on', async () => {
    assert.equal(isThere('wasmate_invoke'), listsAll)
    assert.equal(isThere('wasmate_list'), listsAll)
    await assert.rejects(call('wasmate_list', {}), /wasmate\.tools\.enabled/)
  })

  it('list what is registered, with what its wasmate.json says of it', async () => {
    await turn(true)
    await until(async () => isThere('wasmate_list') && isThere('wasmate_invoke'), 'the tools')
    const [text = ''] = await call('wasmate_list', {})
    const listed = JSON.parse(text) as { name: string; version: number; cid: string; inputSchema: object }[]
    const adder = listed.find(({ name }) => name === 'adder')
    assert.equal(adder?.version, 1)
    assert.match(adder.cid, /^bafk/)
    assert.deepEqual(adder.inputSchema, manifest.inputSchema)
  })

  it('call a function, once that is confirmed, and say which CID answered', async () => {
    await confirm(true)
    const [output, note = ''] = await call('wasmate_invoke', { name: 'adder', input: { a: 1 } })
    assert.equal(output, '{"a":1}')
    assert.match(note, /bafk/)
  })

  it('refuse an input that the schema does not allow, and a function that is not there', async () => {
    const [wrong = ''] = await call('wasmate_invoke', { name: 'adder', input: { a: 'one' } })
    assert.match(wrong, /input of adder: a:/)
    const [missing = ''] = await call('wasmate_invoke', { name: 'nobody' })
    assert.match(missing, /No function of that name is registered: nobody/)
  })

  it('are gone when they are switched off', async () => {
    await turn(false)
    await until(async () => listsAll || !isThere('wasmate_invoke'), 'the tools to go')
    const refused = call('wasmate_invoke', { name: 'adder', input: { a: 1 } })
    await assert.rejects(refused, /wasmate\.tools\.enabled/)
  })

  it('are those of an MCP server that is offered once it is switched on: listed, called and refused', async () => {
    const api = await extensions.getExtension<Api>('wasmate.wasmate')?.activate()
    assert.ok(api)
    assert.deepEqual(listMcpServers(api.emulators), [])
    const settings = workspace.getConfiguration('wasmate.tools')
    await settings.update('mcp', true, ConfigurationTarget.Workspace)
    const [server, ...others] = listMcpServers(api.emulators)
    assert.ok(server && others.length === 0)
    const client = new Client({ name: 'test', version: '1' })
    try {
      await client.connect(new StdioClientTransport(server))
      const { tools } = await client.listTools()
      const adder = tools.find(({ name }) => name === 'adder')
      assert.deepEqual(adder?.inputSchema, manifest.inputSchema)
      const call = (name: string, given: object): ReturnType<Client['callTool']> =>
        client.callTool({ name, arguments: { ...given } })
      const { content, isError, _meta: meta } = await call('adder', { a: 1 })
      assert.deepEqual([content, isError], [[{ type: 'text', text: '{"a":1}' }], false])
      assert.match(JSON.stringify(meta), /"cid":"bafk\w+","version":1/)
      assert.match(JSON.stringify(await call('adder', { a: 'one' })), /INPUT_INVALID.*"isError":true/)
      await assert.rejects(call('nobody', {}), /nobody/)
    } finally {
      await client.close()
      await settings.update('mcp', undefined, ConfigurationTarget.Workspace)
    }
    assert.deepEqual(listMcpServers(api.emulators), [])
  })
})
