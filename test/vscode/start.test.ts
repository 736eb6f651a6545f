// The first steps: the walkthrough's steps are done by what there is, and the README names every command.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { commands, contextKeys, views } from '../../src/vscode/ids.ts'

const root = join(import.meta.dirname, '../..')

interface Step {
  id: string
  description: string
  media: { svg: string; altText: string }
  completionEvents: string[]
}

interface Manifest {
  contributes: {
    commands: { command: string; title: string }[]
    menus: { commandPalette: { command: string; when: string }[] }
    walkthroughs: { id: string; steps: Step[] }[]
  }
}

const { contributes } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest
const words = JSON.parse(await readFile(join(root, 'package.nls.json'), 'utf8')) as Record<string, string>
const say = (key: string): string => words[key.replaceAll('%', '')] ?? ''
const [walkthrough, ...others] = contributes.walkthroughs
const ids: string[] = Object.values(commands)

test('a step of the walkthrough is over when it is done, and in no other way', () => {
  assert.deepEqual(others, [])
  for (const { id, completionEvents } of walkthrough?.steps ?? []) {
    assert.equal(completionEvents.length, 1, id)
    const [kind = '', what = ''] = completionEvents[0]?.split(':') ?? []
    const known: Record<string, string[]> = {
      onCommand: ids,
      onView: Object.values(views),
      onContext: Object.values(contextKeys),
    }
    assert.ok(known[kind]?.includes(what), `${id}: ${kind}:${what}`)
  }
})

test('a step has at most one button, which does it', () => {
  for (const { id, description } of walkthrough?.steps ?? []) {
    const buttons = [...say(description).matchAll(/\]\(command:([\w.]+)\)/g)].map(
      ([, command = '']) => command,
    )
    assert.ok(buttons.length <= 1, id)
    for (const button of buttons) {
      const isView = Object.values<string>(views).some((view) => button === `${view}.focus`)
      assert.ok(isView || ids.includes(button), button)
    }
  }
})

test('its pictures have the colours of the theme, and words for who does not see them', async () => {
  for (const { media } of walkthrough?.steps ?? []) {
    const svg = await readFile(join(root, media.svg), 'utf8')
    const colours = [...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, colour = '']) => colour)
    const fixed = colours.filter((colour) => colour !== 'none' && !colour.startsWith('var(--vscode-'))
    assert.deepEqual(fixed, [], media.svg)
    assert.doesNotMatch(svg, /href|<script|<image|<style/i)
    assert.ok(say(media.altText).length > 20, media.svg)
  }
})

test('the README says of every command of the palette what it does, and of no other', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, table = ''] = /<!-- commands -->([^]*)<!-- \/commands -->/.exec(readme) ?? []
  const rows = [...table.matchAll(/^\| Wasmate: (.+?) \| (.+) \|$/gm)]
  const hidden = contributes.menus.commandPalette.filter(({ when }) => when === 'false')
  const listed = contributes.commands.filter(
    ({ command }) => !hidden.some((each) => each.command === command),
  )
  assert.deepEqual(rows.map(([, title]) => title).sort(), listed.map(({ title }) => say(title)).sort())
})
