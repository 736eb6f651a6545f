// The inputs of the CID parity vectors: made again from their names alone, byte for byte, wherever a test runs.

import { createCipheriv, createHash } from 'node:crypto'

export type InputEntry =
  { path: string; content: Uint8Array } | { path: string; link: string } | { path: string; directory: true }

export interface Input {
  name: string
  /** A single file called `f`, or everything under one directory called `d`, directories before what is in them. */
  entries: () => InputEntry[]
}

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/** AES-256-CTR of zeros under a key made from the seed: fast, and the same everywhere. */
export function seededBytes(length: number, seed: string): Buffer {
  const key = createHash('sha256').update(seed).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length))
}

function file(length: number): Input {
  const name = `file of ${length} bytes`
  return { name, entries: () => [{ path: 'f', content: seededBytes(length, name) }] }
}

function directory(name: string, inside: () => InputEntry[]): Input {
  const below = (): InputEntry[] => inside().map((entry) => ({ ...entry, path: `d/${entry.path}` }))
  return { name, entries: () => [{ path: 'd', directory: true }, ...below()] }
}

/** So many files of three bytes, whose names have just so many bytes; the last name may have others. */
function evenFiles(count: number, nameBytes: number, lastNameBytes = nameBytes): InputEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const width = index === count - 1 ? lastNameBytes : nameBytes
    return { path: String(index).padStart(width, '0'), content: Buffer.from('abc') }
  })
}

function nested(): InputEntry[] {
  return [
    { path: 'empty', directory: true },
    { path: 'sub', directory: true },
    { path: 'sub/deeper', directory: true },
    { path: 'sub/deeper/leaf.txt', content: Buffer.from('leaf\n') },
    { path: 'sub/file.bin', content: seededBytes(300_000, 'nested') },
    { path: 'sub/up', link: '../top.txt' },
    { path: 'sub/nowhere', link: '/no/such/path' },
    { path: 'top.txt', content: Buffer.from('top\n') },
  ]
}

function hidden(): InputEntry[] {
  return [
    { path: '.hidden', content: Buffer.from('hidden\n') },
    { path: '.config', directory: true },
    { path: '.config/.inner', content: Buffer.alloc(0) },
    { path: 'shown', content: Buffer.from('shown\n') },
  ]
}

/** Names that break where text is normalized, escaped or compared by UTF-16 units instead of bytes. */
const oddNames = [
  'ünï 码.txt',
  'e\u0301 decomposed',
  'é composed',
  '\u{1F600} astral',
  '\uFF5E below astral in UTF-16, above in bytes',
  'a+b %41 100%.txt',
  'quote".txt',
  "it's; a=b&c",
  'back\\slash',
  'ends in a backslash\\',
  'tab\there',
  ' spaces ',
]

/** The block of the directory has 4 bytes of its own, and 44 a link besides the name. */
function blockSized(over: number): InputEntry[] {
  return evenFiles(4096, 20, 16 + over)
}

export const inputs: readonly Input[] = [
  ...[0, 1, 256 * kibibyte - 1, 256 * kibibyte, 256 * kibibyte + 1].map(file),
  ...[mebibyte - 1, mebibyte, mebibyte + 1].map(file),
  ...[174 * 256 * kibibyte, 174 * 256 * kibibyte + 1, 50 * mebibyte].map(file),
  {
    name: 'module of 46 bytes',
    // (module (func (export "run") (result i32) i32.const 0) (memory (export "memory") 1)), by hand
    entries: () => [
      {
        path: 'f',
        content: Buffer.from(
          '0061736d01000000' +
            '0105016000017f' +
            '03020100' +
            '0503010001' +
            '07100203' +
            '72756e0000066d656d6f72790200' +
            '0a0601040041000b',
          'hex',
        ),
      },
    ],
  },
  directory('empty directory', () => []),
  directory('nested directories with symbolic links', nested),
  directory('hidden files', hidden),
  directory('odd names', () => oddNames.map((path) => ({ path, content: Buffer.from(path) }))),
  directory('directories with odd names', () =>
    oddNames.flatMap((path) => [
      { path, directory: true as const },
      { path: `${path}/f`, content: Buffer.from(path) },
    ]),
  ),
  directory('6000 files', () => evenFiles(6000, 24)),
  directory('5000 empty directories', () =>
    Array.from({ length: 5000 }, (_, index) => ({ path: String(index).padStart(40, '0'), directory: true })),
  ),
  directory('6000 files in a directory of a directory', () => [
    { path: 'sub', directory: true },
    ...evenFiles(6000, 24).map((entry) => ({ ...entry, path: `sub/${entry.path}` })),
    { path: 'z', content: Buffer.from('z') },
  ]),
  directory('links of 256 KiB by CIDv1', () => evenFiles(4096, 28)),
  directory('links of 256 KiB and a byte by CIDv1', () => evenFiles(4096, 28, 29)),
  directory('links of 256 KiB by CIDv0', () => evenFiles(4096, 30)),
  directory('links of 256 KiB and a byte by CIDv0', () => evenFiles(4096, 30, 31)),
  directory('block of 256 KiB by CIDv1', () => blockSized(0)),
  directory('block of 256 KiB and a byte by CIDv1', () => blockSized(1)),
]
