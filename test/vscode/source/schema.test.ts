// What editors are told of wasmate.json is what the build takes.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { manifestJsonSchema } from '../../../src/build/manifest-schema.ts'

const root = join(import.meta.dirname, '../../..')

test('the schema that the extension brings is that of the build; schema.ts beside this writes it anew', async () => {
  const brought = JSON.parse(await readFile(join(root, 'media/wasmate.schema.json'), 'utf8')) as unknown
  assert.deepEqual(brought, JSON.parse(JSON.stringify(manifestJsonSchema())))
})

test('each field says what it is for', async () => {
  const { properties } = manifestJsonSchema() as { properties: Record<string, { description?: string }> }
  for (const [name, { description }] of Object.entries(properties)) assert.ok(description, name)
})
