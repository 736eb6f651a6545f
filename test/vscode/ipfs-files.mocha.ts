// ipfs:/CID/path through VS Code's own file API, from a real emulator.

import assert from 'node:assert/strict'
import { afterEach, before, describe, it } from 'mocha'
import { FilePermission, FileType, Uri, window, workspace } from 'vscode'
import { addFile, addFolder, ask, failureOf, fs, ipfs } from './editor.ts'

const text = (words: string): Uint8Array => Buffer.from(words)

/** Larger than a block, and nowhere the same. */
const large = Buffer.from(Uint32Array.from({ length: 700_000 }, (_, index) => index * 2_654_435_761).buffer)

describe('a pinned file', () => {
  it('is read byte for byte, of one block or many, as CIDv1 and CIDv0', async () => {
    for (const cidVersion of [0, 1] as const) {
      for (const bytes of [text(''), text(`small ${cidVersion}`), large]) {
        const cid = await addFile(bytes, cidVersion)
        assert.match(cid, cidVersion === 0 ? /^Qm/ : /^baf/)
        const stat = await fs.stat(ipfs(cid))
        assert.equal(stat.type, FileType.File)
        assert.equal(stat.size, bytes.length)
        assert.equal(stat.permissions, FilePermission.Readonly)
        assert.ok(Buffer.from(await fs.readFile(ipfs(cid))).equals(bytes))
      }
    }
  })

  it('opens in an editor, for reading only', async () => {
    const cid = await addFile(text('line one\nline two\n'))
    const document = await workspace.openTextDocument(ipfs(cid))
    assert.equal(document.getText(), 'line one\nline two\n')
    const editor = await window.showTextDocument(document)
    assert.equal(document.uri.path, `/${cid}`)
    assert.equal(await editor.edit((edit) => edit.insert(editor.selection.active, 'x')), true)
    assert.equal(await document.save(), false)
    const { contents } = { contents: Buffer.from(await fs.readFile(ipfs(cid))).toString() }
    assert.equal(contents, 'line one\nline two\n')
  })

  it('of WebAssembly is its bytes', async () => {
    const wasm = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 3, 1, 0x61, 0xff])
    assert.ok(Buffer.from(await fs.readFile(ipfs(await addFile(wasm)))).equals(wasm))
  })

  it('is found by a URI that has the CID for its authority, in lower case', async () => {
    const cid = await addFile(text('by authority'))
    assert.equal(Buffer.from(await fs.readFile(Uri.parse(`ipfs://${cid}/`))).toString(), 'by authority')
  })

  it('larger than the setting allows is refused, naming both sizes', async () => {
    const cid = await addFile(large)
    const settings = workspace.getConfiguration('wasmate')
    await settings.update('content.maxFetchBytes', 1000, true)
    try {
      const { code, message } = await failureOf(fs.readFile(ipfs(cid)))
      assert.equal(code, 'Unavailable')
      assert.match(message, /2800000 bytes, the limit is 1000/)
    } finally {
      await settings.update('content.maxFetchBytes', undefined, true)
    }
  })
})

describe('a pinned folder', () => {
  let root = ''
  let cids: Record<string, string> = {}

  before(async () => {
    cids = await addFolder({
      'a b%20c.txt': text('odd name'),
      'sub/deep/file.txt': text('deep'),
      'sub/up': { target: '../a b%20c.txt' },
      'to-sub': { target: 'sub/deep' },
      outside: { target: '/etc/passwd' },
      above: { target: '../../x' },
      circle: { target: 'circle' },
      'Ünïcode 🦀.txt': text('crab'),
    })
    root = cids[''] ?? ''
  })

  it('lists its files, folders and links by what they lead to', async () => {
    const entries = Object.fromEntries(await fs.readDirectory(ipfs(root)))
    assert.deepEqual(entries, {
      'a b%20c.txt': FileType.File,
      sub: FileType.Directory,
      'to-sub': FileType.SymbolicLink | FileType.Directory,
      outside: FileType.SymbolicLink | FileType.Unknown,
      above: FileType.SymbolicLink | FileType.Unknown,
      circle: FileType.SymbolicLink | FileType.Unknown,
      'Ünïcode 🦀.txt': FileType.File,
    })
  })

  it('gives the file at any path, through links too', async () => {
    const read = async (...path: string[]): Promise<string> =>
      Buffer.from(await fs.readFile(ipfs(root, ...path))).toString()
    assert.equal(await read('a b%20c.txt'), 'odd name')
    assert.equal(await read('sub/deep/file.txt'), 'deep')
    assert.equal(await read('to-sub/file.txt'), 'deep')
    assert.equal(await read('sub/up'), 'odd name')
    assert.equal(await read('Ünïcode 🦀.txt'), 'crab')
  })

  it('leads nowhere by a link that leaves it', async () => {
    for (const name of ['outside', 'above', 'circle']) {
      const { code } = await failureOf(fs.readFile(ipfs(root, name)))
      assert.equal(code, 'FileNotFound', name)
    }
  })

  it('is not a file, nor a file a folder, and what is missing is not found', async () => {
    assert.equal((await failureOf(fs.readFile(ipfs(root, 'sub')))).code, 'FileIsADirectory')
    assert.equal((await failureOf(fs.readDirectory(ipfs(root, 'a b%20c.txt')))).code, 'FileNotADirectory')
    assert.equal((await failureOf(fs.stat(ipfs(root, 'missing')))).code, 'FileNotFound')
    assert.equal((await failureOf(fs.stat(ipfs(root, 'a b%20c.txt', 'below')))).code, 'FileNotFound')
  })

  it('of thousands of entries, in shards, is listed whole and read by name', async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `${'long name '.repeat(9)}${index}.txt`)
    const files = Object.fromEntries(names.map((name) => [name, text('same')]))
    const { '': sharded = '' } = await addFolder({ ...files, 'one.txt': text('another') })
    const entries = await fs.readDirectory(ipfs(sharded))
    assert.deepEqual(entries.map(([name]) => name).sort(), [...names, 'one.txt'].sort())
    assert.ok(entries.every(([, type]) => type === FileType.File))
    assert.equal(Buffer.from(await fs.readFile(ipfs(sharded, 'one.txt'))).toString(), 'another')
  })

  it('can not be changed in any way', async () => {
    const file = ipfs(root, 'a b%20c.txt')
    const attempts = [
      fs.writeFile(file, text('changed')),
      fs.writeFile(ipfs(root, 'new.txt'), text('new')),
      fs.delete(file),
      fs.rename(file, ipfs(root, 'other')),
      fs.createDirectory(ipfs(root, 'folder')),
    ]
    for (const attempt of attempts) assert.equal((await failureOf(attempt)).code, 'NoPermissions')
    assert.equal(Buffer.from(await fs.readFile(file)).toString(), 'odd name')
  })
})

describe('what can not be read', () => {
  afterEach(() => ask('beHonest', {}))

  it('is told from a CID that is none', async () => {
    for (const path of ['nonsense', 'bafknonsense', 'qmdfgewsbcjpbnfbprzhkbmcuj1jdj8hjrgmoc4xpbr3xt', '']) {
      const { code, message } = await failureOf(fs.readFile(ipfs(path)))
      assert.equal(code, 'FileNotFound')
      assert.match(message, /Not a CID/)
    }
  })

  it('is not here: it was never pinned', async () => {
    const never = 'bafkreih3v5hd5gqxf5i6jxtnhwb3mmkh3hbqv4kz3kkjmxmmkcfsryqvsy'
    const { message } = await failureOf(fs.readFile(ipfs(never)))
    assert.match(message, new RegExp(never))
  })

  it('was damaged on the disk of the node', async () => {
    const bytes = text('to be damaged')
    const cid = await addFile(bytes)
    await ask('damage', { base64: Buffer.from(bytes).toString('base64') })
    const { code, message } = await failureOf(fs.readFile(ipfs(cid)))
    assert.equal(code, 'Unavailable')
    assert.match(message, new RegExp(cid))
  })

  it('is not what a gateway sends for it: not one byte of that is shown', async () => {
    const cid = await addFile(text('the truth'))
    await ask('lie', {})
    const { code, message } = await failureOf(fs.readFile(ipfs(cid)))
    assert.equal(code, 'Unavailable')
    assert.match(message, /does not match its CID/)
    await ask('beHonest', {})
    assert.equal(Buffer.from(await fs.readFile(ipfs(cid))).toString(), 'the truth')
  })

  it('needs an emulator, which a person is told to start; what was read before is still there', async () => {
    const [known, unknown] = [await addFile(text('read before')), await addFile(text('not read before'))]
    await fs.readFile(ipfs(known))
    await ask('stop', {})
    try {
      const { code, message } = await failureOf(fs.readFile(ipfs(unknown)))
      assert.equal(code, 'Unavailable')
      assert.match(message, /No emulator runs for this workspace.*Start it with `wasmate up`/)
      assert.equal(Buffer.from(await fs.readFile(ipfs(known))).toString(), 'read before')
    } finally {
      await ask('start', {})
    }
    assert.equal(Buffer.from(await fs.readFile(ipfs(unknown))).toString(), 'not read before')
  })
})
