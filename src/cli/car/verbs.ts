// The verbs of CAR files, with their options.

import { Option } from 'commander'
import { type AddVerb, type Environment, onNetwork, verb } from '../session.ts'

export function addCarVerbs(addVerb: AddVerb, environment: Environment): void {
  const car = addVerb('car', 'CAR files: export, import, verify, ls, piece', 'wasmate car verify hello.car')

  addVerb('export <target>', 'a name, CID or CID/path as a CARv1', 'wasmate car export hello --piece', car)
    .option('-o, --output <file>', 'where it goes, - is standard output; by default NAME.car')
    .addOption(
      new Option('--scope <scope>', 'all of the DAG, the file or folder alone, or one block')
        .choices(['all', 'entity', 'block'])
        .default('all'),
    )
    .option('--piece', 'compute its Filecoin piece CID as well')
    .option('--force', 'write over a file that is there')
    .option(...onNetwork)
    .action(verb(environment, async () => (await import('./export.ts')).exportVerb))

  addVerb('import <file>', 'into the emulator, all of it or nothing', 'wasmate car import hello.car', car)
    .option('--no-pin', 'keep its blocks until the next collection, pin no root')
    .option('--name <name>', 'what the pins are called')
    .action(verb(environment, async () => (await import('./import.ts')).importVerb))

  addVerb('verify <file>', 'check every block and each DAG, offline', 'wasmate car verify hello.car', car)
    .option('--partial', 'missing blocks are no failure: it was made of a part of a DAG')
    .action(verb(environment, async () => (await import('./verify.ts')).verifyVerb))

  addVerb('ls <file>', 'its blocks: offset, bytes, codec, CID', 'wasmate car ls hello.car', car).action(
    verb(environment, async () => (await import('./verify.ts')).lsVerb),
  )

  addVerb('piece <file>', 'its Filecoin piece CID and sizes', 'wasmate car piece hello.car', car).action(
    verb(environment, async () => (await import('./piece.ts')).pieceVerb),
  )
}
