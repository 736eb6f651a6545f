// wasmate.test.json: what a function is to answer, case by case. A folder or a text in, checked cases out.

import { readFile, realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type ErrorCode, WasmateError, describe, errorTable, systemCode } from '../../base/errors.ts'
import { isInside } from '../../build/source.ts'
import { namedIssues } from '../../config.ts'

export const casesName = 'wasmate.test.json'

const codes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]

const text = z.strictObject({ text: z.string() }).describe('Text in UTF-8.')
const json = z.strictObject({ json: z.json() }).describe('A JSON value.')
const base64 = z.strictObject({ base64: z.base64() }).describe('Bytes.')
const file = z.strictObject({ file: z.string().min(1) }).describe('A file of this folder, by its path in it.')
const matches = z
  .strictObject({
    matches: z.string().refine(isPattern, 'is not a regular expression'),
  })
  .describe('A regular expression that the output has a match of.')
const problem = z.strictObject({ problem: z.enum(codes) }).describe('The call fails with this code.')

const givenSchema = z.union([z.string(), text, json, base64, file], {
  error: 'expected text, or one of {"text"}, {"json"}, {"base64"}, {"file"}',
})

const expectedSchema = z.union([z.string(), text, json, base64, file, matches, problem], {
  error:
    'expected text, or one of {"text"}, {"json"}, {"base64"}, {"file"}, {"matches"}, {"problem"}: a code of the error table',
})

const caseSchema = z.strictObject({
  name: z.string().trim().min(1).describe('What it shows; no two of a function have the same.'),
  export: z.string().min(1).optional().describe('The export to call; by default the one of wasmate.json.'),
  input: givenSchema.optional().describe('What it is called with: text, or a value; by default nothing.'),
  expected: expectedSchema.describe('What it has to answer: text, or a value, a pattern, a problem.'),
  config: z
    .record(z.string(), z.string())
    .optional()
    .describe('Settings for this call, over those of wasmate.json.'),
  timeoutMs: z.int().min(1).optional().describe('Time limit of this call in milliseconds.'),
})

/** The shape of wasmate.test.json; `z.toJSONSchema` makes of it what editors complete from. */
export const casesSchema = z.strictObject({
  $schema: z.string().optional().describe('Where editors find this schema.'),
  cases: z.array(caseSchema).describe('Each is one call, with no vars from before it.'),
})

/** What the extension brings as media/wasmate.test.schema.json: a test holds the two equal. */
export function casesJsonSchema(): object {
  return z.toJSONSchema(casesSchema, { target: 'draft-7', io: 'input' })
}

export type Given = z.infer<typeof givenSchema>
export type Expected = z.infer<typeof expectedSchema>
export type Case = Readonly<z.infer<typeof caseSchema>>

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp
  } catch {
    // What is wrong with it stands in the issue.
    return false
  }
}

/** The cases of the function in this folder; `undefined` when it has none. Throws CASES_INVALID. */
export async function readCases(folder: string): Promise<Case[] | undefined> {
  const path = join(folder, casesName)
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    throw new WasmateError('CASES_INVALID', `${path} can't be read`, { cause: error })
  })
  return content === undefined ? undefined : parseCases(content, path)
}

/** Throws CASES_INVALID, naming the file and the field. */
export function parseCases(content: string, path: string): Case[] {
  const parsed = casesSchema.safeParse(parseJson(content, path))
  if (!parsed.success) throw new WasmateError('CASES_INVALID', `${path}: ${namedIssues(parsed.error)}`)
  const { cases } = parsed.data
  const names = cases.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new WasmateError('CASES_INVALID', `${path}: two cases are called ${twice}`)
  return cases
}

function parseJson(content: string, path: string): unknown {
  try {
    // Some editors put a byte order mark in front (RFC 8259 section 8.1 lets a reader ignore it).
    return JSON.parse(content.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new WasmateError('CASES_INVALID', `${path} is not JSON: ${describe(error)}`, { cause: error })
  }
}

/** Those of these names, in the order of the file; of no names all. Throws SOURCE_NOT_FOUND, CASES_INVALID. */
export async function chooseCases(folder: string, names: readonly string[]): Promise<Case[]> {
  const cases = await readCases(folder)
  if (!cases) throw new WasmateError('SOURCE_NOT_FOUND', `${folder} has no ${casesName}`)
  const missing = names.find((name) => !cases.some((each) => each.name === name))
  if (missing !== undefined) throw new WasmateError('CASES_INVALID', `${folder} has no case ${missing}`)
  return names.length > 0 ? cases.filter(({ name }) => names.includes(name)) : cases
}

/** What the case is called with. Throws CASES_INVALID. */
export async function readCaseInput({ input }: Case, folder: string): Promise<Uint8Array> {
  return input === undefined ? new Uint8Array() : readGiven(input, folder)
}

/** The bytes that are meant; a file has to be in the folder. Throws CASES_INVALID. */
export async function readGiven(given: Given, folder: string): Promise<Uint8Array> {
  if (typeof given === 'string') return Buffer.from(given)
  if ('text' in given) return Buffer.from(given.text)
  if ('json' in given) return Buffer.from(JSON.stringify(given.json))
  if ('base64' in given) return Buffer.from(given.base64, 'base64')
  return readBeside(given.file, folder)
}

async function readBeside(name: string, folder: string): Promise<Uint8Array> {
  const path = resolve(folder, name)
  const place = `${join(folder, casesName)}: file ${name}`
  try {
    if (isInside(folder, path) && isInside(await realpath(folder), await realpath(path)))
      return await readFile(path)
  } catch (error) {
    throw new WasmateError('CASES_INVALID', `${place} can't be read`, { cause: error })
  }
  throw new WasmateError('CASES_INVALID', `${place} is outside of the folder`)
}
