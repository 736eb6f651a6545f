// resolve: a path to the CID it leads to.

import { followPath, type Endpoints, onlyPath } from '../endpoint.ts'

export const resolveEndpoints: Endpoints = {
  resolve: async ({ node, query, show }) => {
    const { cid, rest } = await followPath(node, onlyPath(query))
    return { json: { Path: ['', 'ipfs', show(cid), ...rest].join('/') } }
  },
}
