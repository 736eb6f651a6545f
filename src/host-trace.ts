// What a function asked of its host while it ran, for people to look at.

/** Something that a function asked of its host. */
export interface HostCall {
  kind: 'log' | 'var' | 'config' | 'http' | 'clock' | 'random' | 'file' | 'system' | 'function'
  /** As it is imported. */
  name: string
  /** After the beginning of the call. */
  atMs: number
  tookMs: number
  /** In short, and nothing secret. */
  asked?: string | undefined
  answered?: string | undefined
  failed?: boolean | undefined
}

/** The first of them, in their order. */
export interface HostTrace {
  calls: HostCall[]
  /** How many came after those. */
  dropped: number
}
