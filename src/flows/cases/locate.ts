// Where each case stands in the text of a wasmate.test.json, for an editor to show its result beside it.

/** Both count from 0, in UTF-16 units. */
export interface Place {
  line: number
  character: number
}

/** `end` is the place of the first character behind it. */
export interface Span {
  start: Place
  end: Place
}

/** In the order of the cases. The text is one that `parseCases` takes. */
export function locateCases(text: string): Span[] {
  let spans: Span[] = []
  let start = 0
  let depth = 0
  // The last string at the top that a colon followed: JSON.parse takes the last of keys that are the same, so does this.
  let [word, key] = ['', '']
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/gs)) {
    if (token === ':') {
      if (depth === 1) key = word
    } else if (token === '{' || token === '[') {
      if (depth === 1 && token === '[' && key === 'cases') spans = []
      if (depth === 2 && key === 'cases') start = index
      depth += 1
    } else if (token === '}' || token === ']') {
      depth -= 1
      if (depth === 2 && key === 'cases')
        spans.push({ start: placeOf(text, start), end: placeOf(text, index + 1) })
    } else if (depth === 1) word = JSON.parse(token) as string
  }
  return spans
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
}
