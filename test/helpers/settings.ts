// Writes the settings of package.json, and their texts, from the code: node --import tsx test/helpers/settings.ts

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { configSchema } from '../../src/config.ts'
import { editorSchema, toolsSchema } from '../../src/editor-settings.ts'

/** In the order in which the settings editor shows them. */
const titles: Record<string, string> = {
  editor: 'Editor',
  tools: 'Language Models',
  networks: 'Networks',
  devnet: 'Chain',
  content: 'Content',
  pinning: 'Pinning Services',
  runner: 'Runner',
  trace: 'Receipts',
  serve: 'HTTP Server',
  build: 'Build',
  ports: 'Ports',
}

type Schema = Record<string, unknown> & { properties?: Record<string, Schema> }

interface Setting {
  key: string
  schema: Schema
  description: string
}

function listSettings(area: string): Setting[] {
  const { properties: areas = {} } = z.toJSONSchema(configSchema, { io: 'input' }) as Schema
  const editor = z.toJSONSchema(editorSchema, { io: 'input' }) as Schema
  const tools = z.toJSONSchema(toolsSchema, { io: 'input' }) as Schema
  const all: Record<string, Schema> = { ...areas, editor, tools }
  const schema = all[area]
  return Object.entries(schema?.properties ?? {}).map(([name, { description, ...rest }]) => {
    return { key: `${area}.${name}`, schema: withoutBounds(rest) as Schema, description: String(description) }
  })
}

/** The largest exact integer is no limit that anybody means. */
function withoutBounds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutBounds)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name, each]) => {
    return !(name === 'maximum' && each === Number.MAX_SAFE_INTEGER) && name !== 'propertyNames'
  })
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutBounds(each)]))
}

/** A path, a URL, a port: what of it fits depends on the machine, and it could lead somewhere. */
function leadsOut({ key, schema }: Setting): boolean {
  return key.startsWith('ports.') || (holdsText(schema) && key !== 'serve.defaultFunction')
}

function holdsText(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  if ('type' in schema && schema.type === 'string') return !('enum' in schema)
  return Object.values(schema).some(holdsText)
}

/** What hands functions to language models is of the whole window, and not for a folder to switch on by itself. */
function handsOut({ key }: Setting): boolean {
  return key.startsWith('tools.')
}

/** A setting that may be left out is null in the editor: VS Code would take an empty text for its default. */
function toProperty(setting: Setting): object {
  const { key, schema } = setting
  const { type, default: fallback, ...rest } = schema
  const isOptional = fallback === undefined
  return {
    type: isOptional ? [type, 'null'] : type,
    ...rest,
    default: isOptional ? null : fallback,
    scope: leadsOut(setting) ? 'machine-overridable' : handsOut(setting) ? 'window' : 'resource',
    markdownDescription: `%setting.${key}%`,
  }
}

interface Manifest {
  capabilities: { untrustedWorkspaces: { restrictedConfigurations?: string[] } }
  contributes: { configuration: unknown }
}

/** The two files, package.json and package.nls.json, as they must be. */
export function withSettings(manifestText: string, wordsText: string): { manifest: string; words: string } {
  const manifest = JSON.parse(manifestText) as Manifest
  const settings = Object.keys(titles).flatMap(listSettings)
  manifest.contributes.configuration = Object.keys(titles).map((area, index) => ({
    id: `wasmate.${area}`,
    title: `%settings.${area}%`,
    order: index + 1,
    properties: Object.fromEntries(
      listSettings(area).map((setting) => [`wasmate.${setting.key}`, toProperty(setting)]),
    ),
  }))
  manifest.capabilities.untrustedWorkspaces.restrictedConfigurations = settings
    .filter((setting) => leadsOut(setting) || handsOut(setting))
    .map(({ key }) => `wasmate.${key}`)
  const all = Object.entries(JSON.parse(wordsText) as Record<string, string>)
  const others: [string, string][] = all.filter(([key]) => !/^settings?\./.test(key))
  const words = Object.fromEntries([
    ...others,
    ...Object.entries(titles).map(([area, title]): [string, string] => [`settings.${area}`, title]),
    ...settings.map(({ key, description }): [string, string] => [`setting.${key}`, description]),
  ])
  return { manifest: toText(manifest), words: toText(words) }
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [manifestPath, wordsPath] = ['package.json', 'package.nls.json']
  const { manifest, words } = withSettings(
    readFileSync(manifestPath, 'utf8'),
    readFileSync(wordsPath, 'utf8'),
  )
  writeFileSync(manifestPath, manifest)
  writeFileSync(wordsPath, words)
}
