// Foreign text on its way to a terminal: what would move the cursor, colour or hide is taken out, and it is cut.

/** The same in one line: what stands in a line of ours makes none of its own. */
export function printableLine(text: string, maxLength?: number): string {
  return printable(text.replace(/[\r\n]+/g, ' '), maxLength)
}

/** Line ends stay; at most `maxLength` characters. */
export function printable(text: string, maxLength = 2_000): string {
  // Control characters and those that turn the direction of writing (Unicode 15, categories Cc and Cf).
  const clean = text.replace(/\r\n?/g, '\n').replace(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}…` : clean
}
