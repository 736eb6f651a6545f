// The frame of the pages that the gateway makes: plain, without script, in light and in dark.

import { createHash } from 'node:crypto'

const style = `
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.25rem; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: 0.2rem 1rem 0.2rem 0; overflow-wrap: anywhere; vertical-align: top }
td:nth-child(2), th:nth-child(2) { text-align: right; white-space: nowrap }
tr { border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent) }
.ipfs-hash, pre { font-family: ui-monospace, monospace; font-size: 0.85em }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
`

/** Changes with the look of the pages: they are not content, and may be kept no longer than that stays. */
export const pageVersion = createHash('sha256').update(style).update('1').digest('hex').slice(0, 12)

/** Takes a title that is not escaped. */
export function pageHead(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
`
}

export const pageEnd = '</body>\n</html>\n'

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For text and for attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
