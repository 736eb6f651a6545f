// Error numbers of WASI preview 1, and what an error of the file system comes to.

export const errno = {
  ...{ success: 0, acces: 2, badf: 8, busy: 10, exist: 20, fault: 21, fbig: 22, ilseq: 25, inval: 28 },
  ...{ io: 29, isdir: 31, loop: 32, mfile: 33, nametoolong: 37, noent: 44, nospc: 51, nosys: 52 },
  ...{ notdir: 54, notempty: 55, notsup: 58, perm: 63, rofs: 69, spipe: 70, xdev: 75, notcapable: 76 },
} as const

export type Call = (...numbers: number[]) => number

/** What a file call is refused with. */
export class Refusal extends Error {
  readonly number: number

  constructor(name: keyof typeof errno) {
    super(name)
    this.number = errno[name]
  }
}

const byCode: Record<string, number> = {
  ...{ EACCES: errno.acces, EBADF: errno.badf, EBUSY: errno.busy, EEXIST: errno.exist, EFBIG: errno.fbig },
  ...{ EINVAL: errno.inval, EISDIR: errno.isdir, ELOOP: errno.loop, EMFILE: errno.mfile },
  ...{ ENAMETOOLONG: errno.nametoolong, ENOENT: errno.noent, ENOSPC: errno.nospc, ENOTDIR: errno.notdir },
  ...{ ENOTEMPTY: errno.notempty, EPERM: errno.perm, EROFS: errno.rofs, EXDEV: errno.xdev },
  // Node's own: a NUL in a path, an offset past 2^53.
  ...{ ERR_INVALID_ARG_VALUE: errno.inval, ERR_OUT_OF_RANGE: errno.inval },
  ERR_ENCODING_INVALID_ENCODED_DATA: errno.ilseq,
}

/** The call with refusals and errors of the file system as numbers; others are thrown on. */
export function answerErrors(call: (...numbers: number[]) => void): Call {
  return (...numbers) => {
    try {
      call(...numbers)
      return errno.success
    } catch (error) {
      if (error instanceof Refusal) return error.number
      if (error instanceof Error && 'code' in error && typeof error.code === 'string')
        return byCode[error.code] ?? errno.io
      throw error
    }
  }
}
