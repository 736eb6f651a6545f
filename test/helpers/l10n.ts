// Every text that the extension shows, collected from its code: what translators are given as l10n/bundle.l10n.json.
// Run by itself it writes that file.

import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { errorTable } from '../../src/base/errors.ts'

const root = join(import.meta.dirname, '../..')

export const bundlePath = join(root, 'l10n/bundle.l10n.json')

export interface Texts {
  /** As `l10n.t` is given them, in the order of the alphabet. */
  texts: string[]
  /** `file:line` of each call whose text can't be told from the code: nobody could translate it. */
  unknown: string[]
}

/** Of the table of errors, which come by their code, and of what a test case is told by. */
const ofCore =
  /^(errorTable\[[\w.]+\]\.(message|next)|(\w+\.)?next|problem\.title|difference\?\.message \?\? '')$/

export async function collectTexts(): Promise<Texts> {
  const found = new Set(Object.values(errorTable).flatMap(({ message, next }) => [message, next]))
  const judge = await readFile(join(root, 'src/flows/cases/judge.ts'), 'utf8')
  for (const [, text = ''] of judge.matchAll(/\bmessage: '([^']+)'/g)) found.add(text)
  const unknown: string[] = []
  const folder = join(root, 'src/vscode')
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'))
  for (const name of names.sort()) {
    const code = await readFile(join(folder, name), 'utf8')
    const source = ts.createSourceFile(name, code, ts.ScriptTarget.Latest, true)
    const visit = (node: ts.Node): void => {
      const given = textGiven(node)
      if (given) {
        const texts = literalsOf(given)
        for (const text of texts ?? []) found.add(text)
        const { line } = source.getLineAndCharacterOfPosition(node.getStart())
        if (!texts && !ofCore.test(given.getText())) unknown.push(`${name}:${line + 1}`)
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return { texts: [...found].sort(), unknown }
}

/** The first argument of `l10n.t(...)`. */
function textGiven(node: ts.Node): ts.Expression | undefined {
  if (!ts.isCallExpression(node)) return undefined
  return node.expression.getText() === 'l10n.t' ? node.arguments[0] : undefined
}

/** One text, or those of a choice between two. */
function literalsOf(node: ts.Expression): string[] | undefined {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isParenthesizedExpression(node)) return literalsOf(node.expression)
  if (!ts.isConditionalExpression(node)) return undefined
  const [one, other] = [literalsOf(node.whenTrue), literalsOf(node.whenFalse)]
  return one && other && [...one, ...other]
}

export function toBundle(texts: string[]): string {
  return `${JSON.stringify(Object.fromEntries(texts.map((text) => [text, text])), undefined, 2)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(dirname(bundlePath), { recursive: true })
  await writeFile(bundlePath, toBundle((await collectTexts()).texts))
}
