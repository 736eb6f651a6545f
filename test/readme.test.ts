// The README says what the code does: its tables are made of it, its paths are there.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { z } from 'zod'
import { manifestSchema } from '../src/build/manifest-schema.ts'
import { configSchema } from '../src/config.ts'
import { allEndpoints } from '../src/serve/kubo-rpc/server.ts'
import { withTables } from './helpers/tables.ts'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)
const readme = await readFile(join(root, 'README.md'), 'utf8')

function section(title: string): string {
  const [, rest = ''] = readme.split(`## ${title}\n`)
  return rest.split('\n## ')[0] ?? ''
}

/** The first column of a section's table, code marks taken off. */
function firstColumn(title: string): string[] {
  return [...section(title).matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell)
}

test('settings and error codes are those of the code', () => {
  assert.equal(withTables(readme), readme, 'run: node --import tsx test/helpers/tables.ts')
})

test('every place to change something is there', async () => {
  const paths = [...section('Where do I change...').matchAll(/`((?:src|contracts|media|docs)\/[^`]*)`/g)]
  assert.ok(paths.length > 15)
  for (const [, path = ''] of paths) await access(join(root, path))
})

test('every verb of the command line is listed, and no other', async () => {
  const { stdout } = await run(process.execPath, [join(root, 'dist/cli.mjs'), 'help'])
  const verbs = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, verb = '']) => verb)
  assert.deepEqual(
    firstColumn('The command line'),
    verbs.filter((verb) => verb !== 'help'),
  )
})

test('every verb has an example in its help', async () => {
  for (const verb of firstColumn('The command line')) {
    const { stdout } = await run(process.execPath, [join(root, 'dist/cli.mjs'), 'help', verb])
    assert.match(stdout, new RegExp(`Example:\\n  wasmate ${verb}`))
  }
})

test('the fields of wasmate.json are those that are read', () => {
  const { properties = {} } = z.toJSONSchema(manifestSchema, { io: 'input' })
  assert.deepEqual(firstColumn('A function').sort(), Object.keys(properties).sort())
})

test('the addresses are those of the default ports', () => {
  const listed = [...section('What runs where').matchAll(/^\| `(\w+)` \| http:\/\/127\.0\.0\.1:(\d+)/gm)]
  const ports = Object.fromEntries(
    listed.map(([, part = '', port]): [string, number] => [part, Number(port)]),
  )
  const { ports: defaults } = configSchema.parse({})
  assert.deepEqual(ports, defaults)
})

test('every dependency is explained', async () => {
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const docs = await readFile(join(root, 'docs/architecture.md'), 'utf8')
  const [, table = ''] = docs.split('## Dependencies\n')
  const explained = [...table.matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) => {
    return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
  })
  assert.deepEqual(explained.sort(), Object.keys(dependencies).sort())
})

test('every endpoint of the Kubo RPC is listed, and no other', async () => {
  const docs = await readFile(join(root, 'docs/kubo-rpc.md'), 'utf8')
  const listed = [...docs.matchAll(/^\| `([^`]+)` \|/gm)].map(([, path = '']) => path)
  assert.deepEqual(listed.sort(), Object.keys(allEndpoints('', () => ({ API: '', Gateway: '' }))).sort())
})
