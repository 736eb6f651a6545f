// The list of a directory as a page, row by row while it is read.

import type { CID } from 'multiformats/cid'
import type { DirectoryEntry } from '../../../content/dag/unixfs.ts'
import type { ContentRequest } from '../request.ts'
import { escapeHtml, pageEnd, pageHead } from './page.ts'

/** Names come from whoever made the directory: each is escaped, and encoded where it becomes a link. */
export async function* renderListing(
  { root, segments }: ContentRequest,
  cid: CID,
  entries: AsyncIterable<DirectoryEntry>,
): AsyncGenerator<string> {
  const crumbs = [root.toString(), ...segments]
  const path = toPath(crumbs)
  yield pageHead(`/ipfs/${crumbs.join('/')}`)
  yield `<h1>Index of /ipfs/${crumbs.map((_, index) => renderCrumb(crumbs.slice(0, index + 1))).join('/')}</h1>\n`
  yield `<p><span class="ipfs-hash">${cid.toString()}</span> `
  yield `${['car', 'tar', 'raw'].map((format) => link(`/ipfs/${cid.toString()}?format=${format}`, format)).join(' ')}</p>\n`
  yield '<table>\n<thead><tr><th>Name</th><th>DAG size</th><th>CID</th></tr></thead>\n<tbody>\n'
  if (segments.length > 0) yield `<tr><td>${link(`${path}/..`, '..')}</td><td></td><td></td></tr>\n`
  for await (const entry of entries) yield renderRow(path, entry)
  yield '</tbody>\n</table>\n'
  yield pageEnd
}

function renderCrumb(crumbs: string[]): string {
  return link(toPath(crumbs), crumbs.at(-1) ?? '')
}

function renderRow(path: string, { name, cid, dagSize }: DirectoryEntry): string {
  const text = cid.toString()
  const byCid = `/ipfs/${text}?filename=${encodeURIComponent(name)}`
  const hash = `<a class="ipfs-hash" translate="no" href="${escapeHtml(byCid)}">${text}</a>`
  return `<tr><td>${link(`${path}/${encodeURIComponent(name)}`, name)}</td><td>${formatSize(dagSize)}</td><td>${hash}</td></tr>\n`
}

function link(href: string, text: string): string {
  return `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`
}

function toPath(segments: string[]): string {
  return `/ipfs/${segments.map(encodeURIComponent).join('/')}`
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

function formatSize(bytes: number): string {
  let size = bytes
  let unit = 0
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit] ?? ''}`
}
