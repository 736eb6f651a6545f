// key/list: the one key there is, by which the node is called. Nothing is signed with it, and no other is made.

import { WasmateError } from '../../../base/errors.ts'
import type { Endpoint, Endpoints } from '../endpoint.ts'
import { ownPeerId } from './peer.ts'

const listKeys: Endpoint = async ({ node, query }) => ({
  json: { Keys: [{ Name: 'self', Id: ownPeerId(node, query.text('ipns-base') ?? 'base36') }] },
})

export const keyEndpoints: Endpoints = {
  'key/list': listKeys,
  'key/ls': listKeys,
  'key/gen': refuse('create'),
  'key/import': refuse('import'),
  'key/rename': refuse('rename'),
  'key/rm': refuse('remove'),
}

function refuse(verb: string): Endpoint {
  return async ({ query }) => {
    const [name = ''] = query.all('arg')
    if (name === 'self') throw new WasmateError('INPUT_INVALID', `cannot ${verb} key with name 'self'`)
    if (verb === 'create' || verb === 'import') {
      throw new WasmateError('INPUT_INVALID', `cannot ${verb} key "${name}": this node has one key, self`)
    }
    throw new WasmateError('INPUT_INVALID', `no key named ${name} was found`)
  }
}
