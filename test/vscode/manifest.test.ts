// What package.json tells VS Code is what the code does.

import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../src/config.ts'
import { commands, scheme } from '../../src/vscode/ids.ts'

const root = join(import.meta.dirname, '../..')

interface Manifest {
  main: string
  activationEvents: string[]
  contributes: {
    commands: { command: string; title: string }[]
    configuration: { properties: Record<string, { default: unknown }> }
  }
}

const text = await readFile(join(root, 'package.json'), 'utf8')
const manifest = JSON.parse(text) as Manifest
const words = JSON.parse(await readFile(join(root, 'package.nls.json'), 'utf8')) as Record<string, string>

test('the commands are those of the code', () => {
  const contributed = manifest.contributes.commands.map(({ command }) => command)
  assert.deepEqual(contributed, Object.values(commands))
})

test('it wakes up for its files, and for nothing that every window has', () => {
  assert.deepEqual(manifest.activationEvents, [`onFileSystem:${scheme}`])
})

test('a setting has the default that the code has', () => {
  for (const [name, setting] of Object.entries(manifest.contributes.configuration.properties)) {
    const [, area = '', key = ''] = name.split('.')
    const config: Record<string, Record<string, unknown>> = { ...parseConfig({}) }
    assert.equal(setting.default, config[area]?.[key], name)
  }
})

test('every text that VS Code shows is in the table of texts, and none is left over', () => {
  const used = [...text.matchAll(/"%([^%]+)%"/g)].map(([, key]) => key)
  assert.deepEqual([...new Set(used)].sort(), Object.keys(words).sort())
  for (const { title } of manifest.contributes.commands) assert.match(title, /^%.+%$/)
})

test('what the code shows goes through the translations', async () => {
  for (const name of await readdir(join(root, 'src/vscode'))) {
    const code = await readFile(join(root, 'src/vscode', name), 'utf8')
    assert.doesNotMatch(code, /show(?:Error|Warning|Information)Message\(\s*['"`]/, name)
    assert.doesNotMatch(code, /(?:title|prompt|placeHolder|label|detail|description): '[A-Z][a-z]/, name)
  }
})
