// How many bytes of bodies a server holds, in receipt or in hand, for all its connections together.

export class Room {
  #free: number

  constructor(bytes: number) {
    this.#free = bytes
  }

  /** For one connection. */
  share(): Share {
    return new Share((bytes) => {
      if (bytes > this.#free) return false
      this.#free -= bytes
      return true
    })
  }
}

/** What one connection has of it. */
export class Share {
  readonly #take: (bytes: number) => boolean
  #held = 0

  constructor(take: (bytes: number) => boolean) {
    this.#take = take
  }

  /** False when there is no room for so many more; then none are taken. */
  take(bytes: number): boolean {
    if (!this.#take(bytes)) return false
    this.#held += bytes
    return true
  }

  give(bytes: number): void {
    this.#held -= bytes
    this.#take(-bytes)
  }

  /** Gives all that is left. */
  close(): void {
    this.give(this.#held)
  }
}
