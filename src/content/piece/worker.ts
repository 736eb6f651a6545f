// The thread that computes one piece commitment: chunks in, each acknowledged; then its end in, the piece out.

import { parentPort } from 'node:worker_threads'
import { type Piece, PieceHasher } from './commitment.ts'

export type PieceRequest = { chunk: Uint8Array } | { end: true }
export type PieceReply = { taken: number } | { piece: Piece }

const hasher = new PieceHasher()

parentPort?.on('message', (request: PieceRequest) => {
  if ('end' in request) return void parentPort?.postMessage({ piece: hasher.end() } satisfies PieceReply)
  hasher.write(request.chunk)
  parentPort?.postMessage({ taken: request.chunk.length } satisfies PieceReply)
})
