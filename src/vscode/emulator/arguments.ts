// What the command line is given to start an emulator for an editor.

export interface StartOptions {
  /** Begin with a new chain; the old one is set aside. */
  reset?: boolean
  /** Begin with what this snapshot holds. */
  restore?: string
}

/** Leased: it ends by itself when the last window has gone. */
export function toArguments(folder: string, settings: string[], { reset, restore }: StartOptions): string[] {
  const how = [...(reset ? ['--reset'] : []), ...(restore === undefined ? [] : ['--restore', restore])]
  const assignments = settings.flatMap((setting) => ['--set', setting])
  return ['--dir', folder, ...assignments, '--json', 'up', '--leased', ...how]
}
