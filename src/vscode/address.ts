// ipfs: URIs of the editor. The CID is the first name of the path: VS Code lower-cases what stands before it.

import { Uri } from 'vscode'
import { scheme } from './ids.ts'

/** `ipfs:/CID/path`. */
export function uriOf(cid: string, segments: readonly string[] = []): Uri {
  return Uri.from({ scheme, path: `/${[cid, ...segments].join('/')}` })
}

/** The CID as text and the names below it. An authority, as in ipfs://CID, is taken for the CID. */
export function namesOf({ authority, path }: Uri): { cid: string; segments: string[] } {
  const [cid = '', ...segments] = [authority, ...path.split('/')].filter((name) => name !== '')
  return { cid, segments }
}
