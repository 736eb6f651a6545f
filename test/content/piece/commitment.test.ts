// Against vectors that others have published.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Piece, PieceHasher } from '../../../src/content/piece/commitment.ts'

function pieceOf(data: Uint8Array, chunkBytes = 1_000): Piece {
  const hasher = new PieceHasher()
  for (let from = 0; from < data.length; from += chunkBytes)
    hasher.write(data.subarray(from, from + chunkBytes))
  return hasher.end()
}

/** The first 127 bytes are 0, the next 1, then 2, then 3, and the rest 0. */
function staircase(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, at) => (at < 127 * 4 ? Math.floor(at / 127) : 0)))
}

/** FRC-0069 (filecoin-project/FIPs, FRCs/frc-0069.md), section "Test Cases". */
const frc0069: [string, Buffer, string, string?][] = [
  [
    '127 * 4 bytes of 0, 1, 2 and 3',
    staircase(127 * 4),
    'bafkzcibcaaces3nobte6ezpp4wqan2age2s5yxcatzotcvobhgcmv5wi2xh5mbi',
    'baga6ea4seaqes3nobte6ezpp4wqan2age2s5yxcatzotcvobhgcmv5wi2xh5mbi',
  ],
  ['no bytes', Buffer.alloc(0), 'bafkzcibcp4bdomn3tgwgrh3g532zopskstnbrd2n3sxfqbze7rxt7vqn7veigmy'],
  ['127 zeros', Buffer.alloc(127), 'bafkzcibcaabdomn3tgwgrh3g532zopskstnbrd2n3sxfqbze7rxt7vqn7veigmy'],
  ['128 zeros', Buffer.alloc(128), 'bafkzcibcpybwiktap34inmaex4wbs6cghlq5i2j2yd2bb2zndn5ep7ralzphkdy'],
  [
    '127 * 8 bytes, no padding',
    staircase(127 * 8),
    'bafkzcibcaac542av3szurbbscwuu3zjssvfwbpsvbjf6y3tukvlgl2nf5rha6pa',
    'baga6ea4seaqn42av3szurbbscwuu3zjssvfwbpsvbjf6y3tukvlgl2nf5rha6pa',
  ],
  [
    '128 * 4 bytes, 504 of padding',
    staircase(128 * 4),
    'bafkzcibd7abqlxticxolgseegik2stpfgkkuwyf6kufex3doorkvmzpjuxwe4dz4',
    'baga6ea4seaqn42av3szurbbscwuu3zjssvfwbpsvbjf6y3tukvlgl2nf5rha6pa',
  ],
  [
    'one byte more, 503 of padding',
    staircase(128 * 4 + 1),
    'bafkzcibd64bqlxticxolgseegik2stpfgkkuwyf6kufex3doorkvmzpjuxwe4dz4',
    'baga6ea4seaqn42av3szurbbscwuu3zjssvfwbpsvbjf6y3tukvlgl2nf5rha6pa',
  ],
]
for (const [name, data, cid, cidV1] of frc0069) {
  test(`FRC-0069: ${name}`, () => {
    const piece = pieceOf(data)
    assert.equal(piece.cid, cid)
    assert.equal(piece.rawBytes, data.length)
    if (cidV1 !== undefined) assert.equal(piece.cidV1, cidV1)
  })
}

/** go-fil-commp-hashhash, testdata/zero.txt and testdata/0xCC.txt: payload, padded size, end of the piece CID v1. */
const hashHash: [number, number, number, string][] = [
  [0x00, 96, 128, 'domn3tgwgrh3g532zopskstnbrd2n3sxfqbze7rxt7vqn7veigmy'],
  [0x00, 126, 128, 'domn3tgwgrh3g532zopskstnbrd2n3sxfqbze7rxt7vqn7veigmy'],
  [0x00, 192, 256, 'giktap34inmaex4wbs6cghlq5i2j2yd2bb2zndn5ep7ralzphkdy'],
  [0x00, 255, 512, 'fpirydiugkk7up5v666wkm6n6jlw6lby2wxht5mwaqekerdfykjq'],
  [0x00, 509, 1024, 'b66wjlfkrbye6uqoemcyxmqylwmrm235uclwfpsyx3ge2imidoly'],
  [0x00, 1017, 2048, 'py7usqklokfx2vxuynmupslkeutzexe2uqurdg5vhtebhxqmpqmy'],
  [0xcc, 96, 128, 'hwcjhi4krhl3ht6dewnwevkpxbepxy7p7onwgz65t52typbsysby'],
  [0xcc, 126, 128, 'apbh46gdnszvb7fcinevsy5bzg3b4higkh7groptswf6zas6jamy'],
  [0xcc, 127, 128, 'mfldjtozgne6adk7eve2vdxte7vzlivae7nzsbrawobo546zkijq'],
  [0xcc, 192, 256, 'kx7m2s6r4zahtlbwrs5ryvemkclwfp7nijopdd5swpdnxzjf7wkq'],
  [0xcc, 253, 256, 'l6ldbyafhiecr36xba5tufreyo4km2ts3lfknhl2zogp3aztxijy'],
  [0xcc, 254, 256, 'kixbzz75uys2pcjbrbdilgjhmum72qm4xphrwav2iyel5oat4aka'],
  [0xcc, 255, 512, 'g7celu5y2iwbi2ra5koygvotxtzr5lj6vzvxi6gfub6mpa6niwpi'],
  [0xcc, 508, 512, 'b6ckbupixkhwp7thgb52f4en222boppajkqk7gaomkpof3lh4cei'],
  [0xcc, 509, 1024, 'dzbeaexq6gpbqh2tlnbz5mm5neap2kejsketkogzd6x2dx7dzkii'],
  [0xcc, 1016, 1024, 'jxgfdkdu37aryhg7bqqiwizj5f6ugasftgeocabwnj4cxkgisaoq'],
  [0xcc, 1017, 2048, 'f3n5ob5qonkwnxfcbjzftsagbnrjfzualqvzhcylz46b7sgz6wmi'],
  [0xcc, 1024, 2048, 'dlpnhgsndrgjeu4p46hahlsr4lybg6du4d56ooppdpxhcofxeuoi'],
]
for (const [byte, rawBytes, paddedBytes, end] of hashHash) {
  test(`go-fil-commp-hashhash: ${rawBytes} bytes of 0x${byte.toString(16)}`, () => {
    const { cidV1, ...sizes } = pieceOf(Buffer.alloc(rawBytes, byte))
    assert.equal(cidV1, `baga6ea4seaq${end}`)
    assert.deepEqual([sizes.rawBytes, sizes.paddedBytes], [rawBytes, paddedBytes])
  })
}

test('synapse-sdk: the piece CID v2 of "test data"', () => {
  const { cid } = pieceOf(Buffer.from('test data'))
  assert.equal(cid, 'bafkzcibcoybm2jlqsbekq6uluyl7xm5ffemw7iuzni5ez3a27iwy4qu3ssebqdq')
})

test('how the data comes in chunks changes nothing', () => {
  const data = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff))
  const whole = pieceOf(data, data.length)
  for (const chunkBytes of [1, 126, 127, 128, 65_536]) assert.deepEqual(pieceOf(data, chunkBytes), whole)
})
