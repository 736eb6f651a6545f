// What a function said and asked of its host while it ran, for people to look at.

export interface LogLine {
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  message: string
}

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

/** What is told of a call beside its answer. */
export interface Told {
  /** Tell what it asks of its host, too. */
  trace?: boolean | undefined
  /** Write down what its host answers, for a receipt. */
  record?: boolean | undefined
}
