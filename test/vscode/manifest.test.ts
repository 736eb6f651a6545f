// What package.json tells VS Code is what the code does.

import assert from 'node:assert/strict'
import { access, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { commands, container, debugType, debugViews, scheme, views } from '../../src/vscode/ids.ts'
import { withSettings } from '../helpers/settings.ts'

const root = join(import.meta.dirname, '../..')

interface Manifest {
  main: string
  activationEvents: string[]
  contributes: {
    commands: { command: string; title: string; icon?: string }[]
    viewsContainers: { activitybar: { id: string; icon: string }[] }
    views: Record<string, { id: string; icon: string }[]>
    viewsWelcome: { view: string; contents: string; when: string }[]
    menus: Record<string, { command?: string; when?: string; group?: string }[]>
  }
}

const text = await readFile(join(root, 'package.json'), 'utf8')
const manifest = JSON.parse(text) as Manifest
const wordsText = await readFile(join(root, 'package.nls.json'), 'utf8')
const words = JSON.parse(wordsText) as Record<string, string>

test('the commands are those of the code', () => {
  const contributed = manifest.contributes.commands.map(({ command }) => command)
  assert.deepEqual(contributed.sort(), Object.values(commands).sort())
})

test('the views are those of the code, each with its icon, in one container', async () => {
  const { viewsContainers, views: contributed } = manifest.contributes
  const [own, ...others] = viewsContainers.activitybar
  assert.deepEqual([own?.id, others], [container, []])
  await access(join(root, own?.icon ?? ''))
  const ids = contributed[container]?.map(({ id }) => id)
  assert.deepEqual([ids, Object.keys(contributed)], [Object.values(views), [container, 'debug']])
  const beside = contributed['debug']?.map(({ id }) => id)
  assert.deepEqual(beside, Object.values(debugViews))
  for (const { icon } of contributed[container] ?? []) assert.match(icon, /^\$\(/)
})

test('menus offer commands that there are, in views that there are; what has no words in a bar has an icon', () => {
  const known = new Map(manifest.contributes.commands.map((each) => [each.command, each]))
  const ids: string[] = Object.values(views)
  for (const [menu, items] of Object.entries(manifest.contributes.menus)) {
    for (const { command = '', when = '', group = '' } of items) {
      assert.ok(known.has(command), `${menu}: ${command}`)
      for (const [, view = ''] of when.matchAll(/view == ([\w.]+)/g)) assert.ok(ids.includes(view), view)
      const isInBar = menu.startsWith('view/') && /^(navigation|inline)/.test(group)
      if (isInBar) assert.match(known.get(command)?.icon ?? '', /^\$\(/, `${command} has no icon`)
      // Nothing is done with the mouse alone.
      if (!group.startsWith('inline')) continue
      const isListed = items.some((each) => each.command === command && !each.group?.startsWith('inline'))
      assert.ok(isListed, `${command} is only an icon`)
    }
  }
})

test('an empty view says why, with one button for what to do', () => {
  const { viewsWelcome } = manifest.contributes
  for (const { view, contents, when } of viewsWelcome) {
    assert.ok(Object.values<string>(views).includes(view), view)
    assert.notEqual(when, '')
    const said = words[contents.replaceAll('%', '')] ?? ''
    const buttons = [...said.matchAll(/^\[[^\]]+\]\(command:([\w.]+)\)$/gm)].map(
      ([, command = '']) => command,
    )
    assert.equal(buttons.length, 1, said)
    const [button = ''] = buttons
    const isOurs = button.startsWith('wasmate.')
    if (isOurs) assert.ok(Object.values<string>(commands).includes(button), button)
  }
  for (const view of Object.values(views))
    assert.ok(
      viewsWelcome.some((each) => each.view === view),
      view,
    )
})

test('it wakes up for its files and in folders that it was used in, and for nothing that every window has', () => {
  const { activationEvents } = manifest
  for (const event of [`onFileSystem:${scheme}`, 'workspaceContains:.wasmate/format.json']) {
    assert.ok(activationEvents.includes(event), event)
  }
  assert.ok(!activationEvents.some((event) => ['*', 'onStartupFinished'].includes(event)))
})

test('it wakes up when it is chosen as the debugger, in a folder that it was never used in', () => {
  const { activationEvents } = manifest
  for (const event of ['onDebugResolve', 'onDebugDynamicConfigurations']) {
    assert.ok(activationEvents.includes(`${event}:${debugType}`), event)
  }
})

test('the settings are those of the code: type, default, meaning, and which of them need trust', () => {
  const expected = withSettings(text, wordsText)
  const hint = 'run: node --import tsx test/helpers/settings.ts'
  assert.deepEqual(manifest, JSON.parse(expected.manifest), hint)
  assert.deepEqual(words, JSON.parse(expected.words), hint)
})

test('every text that VS Code shows is in the table of texts, and none is left over', () => {
  const used = [...text.matchAll(/"%([^%]+)%"/g)].map(([, key]) => key)
  assert.deepEqual([...new Set(used)].sort(), Object.keys(words).sort())
  for (const { title } of manifest.contributes.commands) assert.match(title, /^%.+%$/)
})

test('what the code shows goes through the translations', async () => {
  const names = await readdir(join(root, 'src/vscode'), { recursive: true })
  for (const name of names.filter((each) => each.endsWith('.ts'))) {
    const code = await readFile(join(root, 'src/vscode', name), 'utf8')
    assert.doesNotMatch(code, /show(?:Error|Warning|Information)Message\(\s*['"`]/, name)
    assert.doesNotMatch(code, /(?:title|prompt|placeHolder|label|detail|description): '[A-Z][a-z]/, name)
  }
})
