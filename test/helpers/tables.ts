// Writes the README's tables of settings, errors and commands from the code: node --import tsx test/helpers/tables.ts

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorTable } from '../../src/base/errors.ts'
import { configSchema, editorSchema, toolsSchema } from '../../src/config.ts'
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

/** Those of the palette: the others stand beside what they are about. */
function commandsTable(): string {
  const { contributes } = readJson<{ contributes: { commands: Record<'command' | 'title', string>[] } }>(
    'package.json',
  )
  const words = readJson<Record<string, string>>('package.nls.json')
  const rows = contributes.commands.map(({ command, title }) => {
    return `| ${words[title.slice(1, -1)] ?? title} | \`${command}\` |`
  })
  return ['| Wasmate: ... | command |', '| --- | --- |', ...rows].join('\n')
}

const root = join(import.meta.dirname, '../..')

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(join(root, name), 'utf8')) as T
}

/** The text with its tables as they must be. */
export function withTables(readme: string): string {
  const tables = { settings: settingsTable(), errors: errorsTable(), commands: commandsTable() }
  return Object.entries(tables).reduce((text, [mark, table]) => put(text, mark, table), readme)
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
