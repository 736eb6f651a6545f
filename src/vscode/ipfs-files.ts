// ipfs:/CID/path in the editor's file system: pinned files and folders, for reading.

import {
  Disposable,
  EventEmitter,
  type FileChangeEvent,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  FilePermission,
  FileType,
  MarkdownString,
  type Uri,
  l10n,
  workspace,
} from 'vscode'
import type { Kind } from '../content/tree/tree.ts'
import { registerCommand } from './telling.ts'
import type { Contents } from './contents.ts'
import { toFileSystemError } from './failure.ts'
import { commands as ids, scheme } from './ids.ts'

export function registerIpfsFiles(contents: Contents): Disposable {
  const why = l10n.t('Pinned content is read-only: other bytes would have another CID.')
  const options = { isCaseSensitive: true, isReadonly: new MarkdownString(why) }
  return Disposable.from(
    workspace.registerFileSystemProvider(scheme, new IpfsFiles(contents), options),
    registerCommand(ids.openCid, async (given) => (await import('./open-cid.ts')).openCid(contents, given)),
  )
}

const kinds = { file: FileType.File, directory: FileType.Directory, unknown: FileType.Unknown }

class IpfsFiles implements FileSystemProvider {
  readonly #contents: Contents
  /** Never fires: what a CID names does not change. */
  readonly onDidChangeFile = new EventEmitter<FileChangeEvent[]>().event

  constructor(contents: Contents) {
    this.#contents = contents
  }

  watch(): Disposable {
    return new Disposable(() => undefined)
  }

  async stat(uri: Uri): Promise<FileStat> {
    const entry = await orFileSystemError(this.#contents.lookUp(uri))
    return {
      type: typeOf(entry),
      size: entry.size,
      // Nothing in IPFS says when; the same at every reading.
      ctime: 0,
      mtime: 0,
      permissions: FilePermission.Readonly,
    }
  }

  async readDirectory(uri: Uri): Promise<[string, FileType][]> {
    const { type } = await orFileSystemError(this.#contents.lookUp(uri))
    if (type !== 'directory') throw FileSystemError.FileNotADirectory(uri)
    const entries = await orFileSystemError(this.#contents.list(uri))
    return entries.map((entry) => [entry.name, typeOf(entry)])
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const { type } = await orFileSystemError(this.#contents.lookUp(uri))
    if (type === 'directory') throw FileSystemError.FileIsADirectory(uri)
    return orFileSystemError(this.#contents.read(uri))
  }

  createDirectory(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri)
  }

  writeFile(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri)
  }

  delete(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri)
  }

  rename(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri)
  }
}

function typeOf({ type, isLink }: Kind): FileType {
  return isLink ? kinds[type] | FileType.SymbolicLink : kinds[type]
}

async function orFileSystemError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw toFileSystemError(error)
  }
}
