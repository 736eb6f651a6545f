// CARs to read: recorded from real tools, and made here with whatever header a test asks for.

/**
 * `ipfs dag export` of Kubo 0.44.0-dev: a folder with `a.txt` ("one\n"), `b.txt` ("two\n") and `c/three.txt`
 * ("three\n"), added with --cid-version=1.
 */
export const kuboCar = Buffer.from(
  'OqJlcm9vdHOB2CpYJQABcBIg9NK4WkHIgUxncSGDvRez7upMQp5p8XshR1eNNzU3pxRndmVyc2lvbgG3AQFwEiD00rhaQciBTGdx' +
    'IYO9F7Pu6kxCnmnxeyFHV403NTenFBIvCiQBVRIgLIsI2lzmA5jh8Zrw5dzMdE3ydLgmq+WF6rpoxSVDSAYSBWEudHh0GAQSLwok' +
    'AVUSICfdjtRKg/+U1Vf5/QQS7VqMvKaeoEki2IwBGEoHMApaEgViLnR4dBgEEisKJAFwEiC9Su/IcXxLb9Rm7MptFOHaLi5xpq8q' +
    'QlYtmT5l0W7yOBIBYxg/CgIIASgBVRIgLIsI2lzmA5jh8Zrw5dzMdE3ydLgmq+WF6rpoxSVDSAZvbmUKKAFVEiAn3Y7USoP/lNVX' +
    '+f0EEu1ajLymnqBJItiMARhKBzAKWnR3bwpdAXASIL1K78hxfEtv1Gbsym0U4douLnGmrypCVi2ZPmXRbvI4EjMKJAFVEiD2k2kS' +
    'GESB9e3UwwTOJ8WhqCeAT8fzKfQ9JzuGIYcHdhIJdGhyZWUudHh0GAYKAggBKgFVEiD2k2kSGESB9e3UwwTOJ8WhqCeAT8fzKfQ9' +
    'JzuGIYcHdnRocmVlCg==',
  'base64',
)

export const kuboRoot = 'bafybeihu2k4fuqoiqfggo4jbqo6rpm7o5jgefhtj6f5scr2xru3tkn5hcq'

/** What `WrapV1File` of go-car v2.17.0 made of it: pragma and header, the very CARv1, an index. */
export const goCarV2 = Buffer.concat([
  Buffer.from(
    '0aa16776657273696f6e02000000000000000000000000000000003300000000000000cf010000000000000202000000000000',
    'hex',
  ),
  kuboCar,
  Buffer.from(
    'gQgBAAAAEgAAAAAAAAABAAAAKAAAAMgAAAAAAAAAJ92O1EqD/5TVV/n9BBLtWoy8pp6gSSLYjAEYSgcwClodAQAAAAAAACyLCNpc' +
      '5gOY4fGa8OXczHRN8nS4Jqvlheq6aMUlQ0gG9AAAAAAAAAC9Su/IcXxLb9Rm7MptFOHaLi5xpq8qQlYtmT5l0W7yOEYBAAAAAAAA' +
      '9NK4WkHIgUxncSGDvRez7upMQp5p8XshR1eNNzU3pxQ7AAAAAAAAAPaTaRIYRIH17dTDBM4nxaGoJ4BPx/Mp9D0nO4Yhhwd2pAEA' +
      'AAAAAAA=',
    'base64',
  ),
])

export interface WrapOptions {
  /** Between header and data. */
  padding?: number
  /** Between data and index. */
  gap?: number
  index?: Uint8Array
  /** In place of what is true. */
  dataOffset?: number | bigint
  dataSize?: number | bigint
  indexOffset?: number | bigint
}

/** A CARv2 around some data; the header says what the options say. */
export function wrapV2(data: Uint8Array, options: WrapOptions = {}): Buffer {
  const { padding = 0, gap = 0, index = new Uint8Array() } = options
  const dataOffset = 51 + padding
  const indexOffset = index.length > 0 ? dataOffset + data.length + gap : 0
  const header = Buffer.alloc(40)
  header.writeBigUInt64LE(BigInt(options.dataOffset ?? dataOffset), 16)
  header.writeBigUInt64LE(BigInt(options.dataSize ?? data.length), 24)
  header.writeBigUInt64LE(BigInt(options.indexOffset ?? indexOffset), 32)
  const pragma = Buffer.from('0aa16776657273696f6e02', 'hex')
  return Buffer.concat([pragma, header, Buffer.alloc(padding), data, Buffer.alloc(gap), index])
}
