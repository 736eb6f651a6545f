// Where a source exports functions: a text in, names and places out. A scan and no parser: it has to work on text
// that is just being typed.

export interface ExportPlace {
  /** As the module calls it. */
  name: string
  /** Of its name in the text, from 0. */
  offset: number
  /** Such a function can't be called from outside. */
  hasParameters: boolean
}

/** In the order of the text; none for a language that has no exports in its text. */
export function findExports(text: string, language: string): ExportPlace[] {
  const found =
    language === 'assemblyscript' ? findInAssemblyScript(text) : language === 'c' ? findInC(text) : []
  return found.sort((one, other) => one.offset - other.offset)
}

const comments = String.raw`\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)`
/** One that is not closed ends with its line, as long as it is being typed. */
const quoted = String.raw`"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?`
const template = '`(?:\\\\[^]|[^`\\\\])*`?'

/** `function name(`, with `export` before it or without, and what stands between its parentheses. */
const declared = /(\bexport\s+)?\bfunction\s+([A-Za-z_$][\w$]*)\s*(?:<[^>(]*>)?\s*\(([^)]*)/dg

function findInAssemblyScript(text: string): ExportPlace[] {
  const code = flatten(blank(text, new RegExp([comments, quoted, template].join('|'), 'g')))
  const functions = new Map<string, Omit<ExportPlace, 'name'>>()
  const found: ExportPlace[] = []
  for (const match of code.matchAll(declared)) {
    const [, isExported, name = '', parameters = ''] = match
    const offset = match.indices?.[2]?.[0] ?? match.index
    const place = { offset, hasParameters: parameters.trim() !== '' }
    functions.set(name, place)
    if (isExported) found.push({ name, ...place })
  }
  // `export { hello, other as name }`; with `from` the functions are in another file.
  for (const [, list = ''] of code.matchAll(/\bexport\s*\{([^}]*)\}(?!\s*from\b)/g)) {
    for (const [, own = '', name = own] of list.matchAll(
      /([A-Za-z_$][\w$]*)(?:\s+as\s+([A-Za-z_$][\w$]*))?/g,
    )) {
      const place = functions.get(own)
      if (place) found.push({ name, ...place })
    }
  }
  return found
}

/** A macro that exports, by its name: `EXTISM_EXPORT(name)`, `EXPORT(name)`. */
const macro = /\b\w*EXPORT\w*\s*\(\s*([A-Za-z_]\w*)\s*\)/dg
/** `__attribute__((export_name("name")))` and `[[clang::export_name("name")]]`. */
const attribute = /\bexport_name\s*\(\s*"([^"]*)"\s*\)(?:\s*\)|\s*\])*/dg

function findInC(text: string): ExportPlace[] {
  const bare = blank(
    blank(text, new RegExp(`${comments}|(?:${quoted})`, 'g'), '"'),
    /^[ \t]*#(?:\\\r?\n|[^\n])*/gm,
  )
  return [macro, attribute].flatMap((form) =>
    [...bare.matchAll(form)].map((match) => {
      const [from, to] = match.indices?.[1] ?? [match.index, match.index]
      const after = bare.slice(match.index + match[0].length)
      const [, parameters = ''] = /^[^;{(]*\(([^)]*)/.exec(after) ?? []
      return {
        name: text.slice(from, to),
        offset: from,
        hasParameters: !['', 'void'].includes(parameters.trim()),
      }
    }),
  )
}

/** The same length, spaces for what matches; line ends stay, and so does this quotation mark. */
function blank(text: string, what: RegExp, kept = ''): string {
  return text.replace(what, (match) => match.replace(kept ? new RegExp(`[^\\n${kept}]`, 'g') : /[^\n]/g, ' '))
}

/** What stands in braces is another function's, or a namespace's; lists of exports stay. */
function flatten(code: string): string {
  let depth = 0
  let flat = ''
  for (let at = 0; at < code.length; at++) {
    const character = code[at] ?? ''
    const isList =
      character === '{' && depth === 0 && /\bexport\s*$/.test(code.slice(Math.max(0, at - 40), at))
    if (isList) {
      const end = code.indexOf('}', at)
      flat += code.slice(at, end < 0 ? code.length : end + 1)
      at = end < 0 ? code.length : end
      continue
    }
    if (character === '}') depth = Math.max(0, depth - 1)
    flat += depth > 0 && character !== '\n' ? ' ' : character
    if (character === '{') depth++
  }
  return flat
}
