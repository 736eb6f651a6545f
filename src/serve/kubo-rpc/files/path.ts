// Whether a path of an argument leads into the mutable file system or to content by its CID.

/** As Kubo has it: a path of content wins over one of the same name in the mutable file system. */
export function isContentPath(path: string): boolean {
  return /^(\/ipfs\/|ipfs:\/\/)/.test(path)
}
