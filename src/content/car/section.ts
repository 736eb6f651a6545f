// The CID at the start of some bytes, and what follows it.

import { CID } from 'multiformats/cid'

/**
 * The CID has bytes of its own: it is kept longer than the section, which a view into it would keep whole. Throws, with
 * any error, when there is none.
 */
export function splitSection(section: Uint8Array): { cid: CID; bytes: Uint8Array } {
  const [{ bytes: written }, bytes] = CID.decodeFirst(section)
  const cid = CID.decode(Uint8Array.from(written))
  // CARv1, section "CID": a CIDv0 begins with 0x12 0x20. The decoder also takes a version 0 that is written out.
  if (cid.version === 0 && section[0] !== 0x12) throw new Error('a CID version 0 that is written out')
  return { cid, bytes }
}
