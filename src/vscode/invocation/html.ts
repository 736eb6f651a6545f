// The invocation view's page before anything is shown: it may run its own script and nothing else, and load nothing
// from anywhere; images come as blobs that it makes itself.

import { randomBytes } from 'node:crypto'
import { Uri, type Webview, env, l10n } from 'vscode'

/** `dist` is the folder of the bundles. */
export function renderPage(webview: Webview, dist: Uri): string {
  const nonce = randomBytes(16).toString('base64')
  const resource = (name: string): string => webview.asWebviewUri(Uri.joinPath(dist, name)).toString()
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `img-src blob:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ')
  return `<!DOCTYPE html>
<html lang="${escapeHtml(env.language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(l10n.t('Invocation'))}</title>
    <link rel="stylesheet" href="${escapeHtml(resource('invocation.css'))}">
  </head>
  <body>
    <main id="view"></main>
    <p id="said" role="status" aria-live="polite"></p>
    <script nonce="${nonce}" src="${escapeHtml(resource('invocation.js'))}"></script>
  </body>
</html>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
