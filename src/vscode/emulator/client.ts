// What finds, starts, stops and hears an emulator.

/** Loaded when an emulator is first looked for: a window without one pays nothing for it. */
export const loadClient = async () => ({
  ...(await import('../../client/starting.ts')),
  ...(await import('../../client/stopping.ts')),
  ...(await import('./listening.ts')),
  ...(await import('../../workspace.ts')),
})
