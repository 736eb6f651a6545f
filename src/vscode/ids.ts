// Every id that package.json contributes, as the code calls it; a test holds the two equal.

export const scheme = 'ipfs'

export const commands = {
  openCid: 'wasmate.openCid',
} as const
