// What an editor says of a new function in AssemblyScript, with nothing but what this package brings.

import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'
import { writeTypes } from '../../src/build/assemblyscript/types.ts'
import { createFunction } from '../../src/build/new.ts'
import { limits, mediaFolder } from '../helpers/builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'

/** As the language server of TypeScript finds and reads it. */
function errorsIn(folder: string, file: string): string[] {
  const path = join(folder, 'tsconfig.json')
  const read = ts.readConfigFile(path, (name) => ts.sys.readFile(name))
  const parsed = ts.parseJsonConfigFileContent(read.config, ts.sys, folder, undefined, path)
  const program = ts.createProgram(parsed.fileNames, parsed.options)
  const source = program.getSourceFile(join(folder, file))
  const found = [
    ...parsed.errors,
    ...program.getGlobalDiagnostics(),
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ]
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

test('the editor knows the types of the language and of the library, and finds mistakes', async (t) => {
  const parent = await temporaryFolder(t)
  const { folder, entry } = await createFunction({
    ...{ parent, name: 'typed', language: 'assemblyscript', mediaFolder, limits },
  })
  assert.equal(await writeTypes(join(parent, '.wasmate'), mediaFolder), true)
  assert.deepEqual(errorsIn(folder, 'index.ts'), [])
  await writeFile(entry, (await readFile(entry, 'utf8')).replace('Host.inputString()', 'Host.nothing()'))
  assert.match(errorsIn(folder, 'index.ts').join(), /'nothing' does not exist/)
})

test('the types are made once for a version, and again when they are gone', async (t) => {
  const state = join(await temporaryFolder(t), '.wasmate')
  assert.deepEqual(
    [await writeTypes(state, mediaFolder), await writeTypes(state, mediaFolder)],
    [true, false],
  )
  assert.equal(await readFile(join(state, '.gitignore'), 'utf8'), '*\n')
  await rm(join(state, 'types'), { recursive: true })
  assert.equal(await writeTypes(state, mediaFolder), true)
  await assert.rejects(writeTypes(state, '/'), { code: 'INTERNAL' })
})
