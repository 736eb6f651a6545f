// Every text of the extension can be translated: those of the code, and those of package.json.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { bundlePath, collectTexts, toBundle } from '../helpers/l10n.ts'

const root = join(import.meta.dirname, '../..')

test('the bundle for translators holds every text of the code and of the table of errors, and no other', async () => {
  const { texts, unknown } = await collectTexts()
  assert.deepEqual(unknown, [], 'texts that are put together while it runs')
  const hint = 'run: node --import tsx test/helpers/l10n.ts'
  assert.equal(await readFile(bundlePath, 'utf8'), toBundle(texts), hint)
})

test('a text names what is put into it by number, each from 0 on', async () => {
  const { texts } = await collectTexts()
  for (const text of texts) {
    const numbers = [...text.matchAll(/\{(\d+)\}/g)].map(([, number]) => Number(number))
    const expected = [...new Set(numbers)].sort().map((_, index) => index)
    assert.deepEqual([...new Set(numbers)].sort(), expected, text)
  }
})

/** Members of `contributes` that VS Code shows to people, wherever they stand. */
const shown = new Set([
  ...['title', 'shortTitle', 'name', 'contents', 'description', 'markdownDescription', 'altText', 'label'],
  ...['enumDescriptions', 'markdownEnumDescriptions', 'displayName', 'userDescription', 'tooltip'],
  ...['deprecationMessage', 'markdownDeprecationMessage', 'patternErrorMessage', 'errorMessage'],
])

/** Names of things, the same in every language. */
const names = new Set(['Wasmate'])

test('in another language nothing that package.json contributes stays English', async () => {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    contributes: object
    capabilities: object
  }
  const raw: string[] = []
  const visit = (value: unknown, path: string, isShown: boolean): void => {
    if (typeof value === 'string') {
      if (isShown && !/^%[^%]+%$/.test(value) && !names.has(value)) raw.push(`${path}: ${value}`)
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        // Language models read it, not people.
        if (key === 'inputSchema') continue
        const isList = Array.isArray(value)
        visit(member, `${path}.${key}`, isList ? isShown : shown.has(key) && !isSchemaName(value, key))
      }
    }
  }
  visit(manifest.contributes, 'contributes', false)
  visit(manifest.capabilities, 'capabilities', false)
  assert.deepEqual(raw, [])
})

/** `name` of a problem matcher, a language or a debugger is an id. */
function isSchemaName(owner: object, key: string): boolean {
  return key === 'name' && !('id' in owner)
}
