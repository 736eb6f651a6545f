// version, id, commands: what the node says about itself. It has no network, and says so.

import { WasmateError } from '../../../base/errors.ts'
import type { Answer, Call, Endpoints } from '../endpoint.ts'
import { signatures } from '../request/signatures.ts'
import { isOwnPeer, ownPeerId, publicKeyMessage } from './peer.ts'

export function infoEndpoints(version: string): Endpoints {
  return {
    version: async () => ({
      json: {
        Version: version,
        Commit: 'wasmate',
        Repo: '1',
        System: `${goArchitecture(process.arch)}/${process.platform}`,
        Golang: '',
      },
    }),
    id: (call) => describeNode(call, version),
    commands: async () => ({ json: listCommands() }),
  }
}

/** As Go calls it. */
function goArchitecture(architecture: string): string {
  return architecture === 'x64' ? 'amd64' : architecture
}

async function describeNode({ node, query }: Call, version: string): Promise<Answer> {
  const [other] = query.all('arg')
  if (other !== undefined && !isOwnPeer(node, other)) {
    const words = "'ipfs id' cannot query information on remote peers without a running daemon"
    throw new WasmateError('INPUT_INVALID', `${words}; this node has no network`)
  }
  return {
    json: {
      ID: ownPeerId(node, query.text('peerid-base')),
      PublicKey: Buffer.from(publicKeyMessage(node)).toString('base64'),
      Addresses: null,
      AgentVersion: `wasmate/${version}`,
      Protocols: null,
    },
  }
}

interface Command {
  Name: string
  Subcommands: Command[]
  Options: { Names: string[] }[]
}

/** The commands that have a signature, as a tree. */
function listCommands(): Command {
  const root: Command = { Name: 'ipfs', Subcommands: [], Options: [] }
  for (const [path, { options }] of signatures) {
    let command = root
    for (const name of path.split('/')) {
      let below = command.Subcommands.find(({ Name }) => Name === name)
      if (!below) command.Subcommands.push((below = { Name: name, Subcommands: [], Options: [] }))
      command = below
    }
    command.Options = [...new Set(options.values())].map(({ names }) => ({ Names: [...names] }))
  }
  return root
}
