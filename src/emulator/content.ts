// How content is reached, whoever keeps it: a node here, or a Kubo of the settings.

import type { ContentClient } from '../content/client.ts'
import type { ContentNode } from '../content/node.ts'
import type { Context } from '../model.ts'

export interface Content {
  client: ContentClient
  /** Bytes of the one file under a CID, every block verified. */
  fetch(cid: string, context: Context): Promise<Uint8Array>
  /** URLs of the trustless gateways that it is fetched from. */
  gateways: string[]
  kuboUrl: string
  gatewayUrl: string
  /** Absent when it is a Kubo of the settings. */
  node?: ContentNode
}
