// Writes the README's tables of settings and errors from the code: node --import tsx test/helpers/tables.ts

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { errorTable } from '../../src/base/errors.ts'
import { configSchema } from '../../src/config.ts'
import { editorSchema, toolsSchema } from '../../src/editor-settings.ts'
import { z } from 'zod'

function settingsTable(): string {
  const { properties: areas = {} } = z.toJSONSchema(configSchema, { io: 'input' })
  const own = {
    editor: z.toJSONSchema(editorSchema, { io: 'input' }),
    tools: z.toJSONSchema(toolsSchema, { io: 'input' }),
  }
  const properties = { ...areas, ...own }
  const rows = Object.entries(properties).flatMap(([area, schema]) => {
    const settings = typeof schema === 'object' ? Object.entries(schema.properties ?? {}) : []
    return settings.map(([name, setting]) => settingRow(`wasmate.${area}.${name}`, setting))
  })
  return ['| setting | meaning | default |', '| --- | --- | --- |', ...rows].join('\n')
}

function settingRow(name: string, setting: z.core.JSONSchema._JSONSchema): string {
  const { description = '', default: value } = typeof setting === 'object' ? setting : {}
  const fallback =
    value === undefined ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
  return `| \`${name}\` | ${description} | ${fallback} |`
}

function errorsTable(): string {
  const rows = Object.entries(errorTable).map(([code, { status, message, next }]) => {
    return `| \`${code}\` | ${status} | ${message} | ${next.replaceAll('|', '\\|')} |`
  })
  return ['| code | status | what happened | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** The text with its two tables as they must be. */
export function withTables(readme: string): string {
  return put(put(readme, 'settings', settingsTable()), 'errors', errorsTable())
}

function put(text: string, mark: string, table: string): string {
  const [start, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`]
  const [before = '', rest = ''] = text.split(start)
  const [, after = ''] = rest.split(end)
  return `${before}${start}\n\n${table}\n\n${end}${after}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync('README.md', withTables(readFileSync('README.md', 'utf8')))
}
