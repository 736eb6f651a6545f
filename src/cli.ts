#!/usr/bin/env node
// Entry: argv -> verb. The one place that reads the environment of the process.

import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import envPaths from 'env-paths'
import { collect, parseCount, parseVersion } from './cli/arguments.ts'
import { downVerb, listVerb, statusVerb } from './cli/ask.ts'
import { addCarVerbs } from './cli/car/verbs.ts'
import { invokeVerb } from './cli/invoke.ts'
import { addNetworkVerbs, withFee } from './cli/network/verbs.ts'
import { tellUnwritten } from './cli/output.ts'
import { type Environment, onNetwork, verb } from './cli/session.ts'

const here = (path: string): URL => new URL(path, import.meta.url)

const version = '0.1.0'

const { cache: cacheFolder, config: configFolder } = envPaths('wasmate', { suffix: '' })

/** Read once and taken out: a compiler, an emulator or what else is started here has no need of it. */
function takeSecret(name: string): string | undefined {
  const value = process.env[name]
  delete process.env[name]
  return value === '' ? undefined : value
}

const environment: Environment = {
  version,
  path: process.env['PATH'] ?? '',
  cacheFolder,
  configFolder,
  secrets: {
    privateKey: takeSecret('WASMATE_PRIVATE_KEY'),
    accountAddress: process.env['WASMATE_ACCOUNT_ADDRESS'] || undefined,
    keystorePassword: takeSecret('WASMATE_KEYSTORE_PASSWORD'),
  },
  mediaFolder: fileURLToPath(here('../media')),
  contractsFolder: fileURLToPath(here('../contracts')),
  entry: fileURLToPath(import.meta.url),
  pinningTokens: Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => name.startsWith('WASMATE_PINNING_TOKEN'))
      .map((name) => [name, takeSecret(name)]),
  ),
  workers: {
    runner: here('./runner-worker.mjs'),
    compiler: here('./compiler-worker.mjs'),
    piece: here('./piece-worker.mjs'),
    coverage: here('./coverage-host.mjs'),
  },
}

const program = new Command('wasmate')
  .description('WebAssembly functions by name: build, pin on IPFS, register on Starknet, run.')
  // Not --version, which would hide the option of that name that a verb has; see below.
  .version(version, '-V', 'print the version of wasmate; also --version')
  .option('--dir <folder>', 'the workspace', '.')
  .option('--json', 'print JSON, one object a line')
  .option(
    '--set <area.name=value>',
    'a setting, such as ports.functions=8080; may be given again',
    collect,
    [],
  )
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })

function addVerb(name: string, description: string, example: string, to = program): Command {
  return to.command(name).description(description).addHelpText('after', `\nExample:\n  ${example}`)
}

addVerb('new <name>', 'make a function from a template', 'wasmate new hello --language c')
  .option('--language <language>', 'assemblyscript or c', 'assemblyscript')
  .option('--template <template>', 'hello, or counter, which keeps a number', 'hello')
  .action(verb(environment, async () => (await import('./cli/make.ts')).newVerb))

addVerb('build [path]', 'compile a function', 'wasmate build hello --out hello.wasm')
  .option('--out <file>', 'where the module goes; by default .wasmate/build/NAME.wasm')
  .action(verb(environment, async () => (await import('./cli/make.ts')).buildVerb))

addVerb('up', 'start the emulator', 'wasmate up --watch')
  .option('--watch [path]', 'take functions through the loop, again on every save')
  .option('--once', 'take them through the loop once and stop')
  .option('--sample <name>', 'make a function of this name first, if there is none')
  .option('--detach', 'run in the background')
  .option('--reset', 'begin with a new chain; the old one is set aside')
  .option('--restore <snapshot>', 'begin with what a snapshot holds; see `wasmate snapshot`')
  .option('--leased', 'stop when the last editor that shows it has gone')
  .option('--repair', 'keep what is intact of damaged state; the damaged file is set aside')
  .action(verb(environment, async () => (await import('./cli/up.ts')).upVerb))

addVerb('down', 'stop the emulator', 'wasmate down').action(verb(environment, async () => downVerb))

addVerb('status', 'what runs, where, and how far it is', 'wasmate status --json').action(
  verb(environment, async () => statusVerb),
)

withFee(
  addVerb('deploy [path]', 'build, pin and register a function or a ready .wasm', 'wasmate deploy hello'),
)
  .option(...onNetwork)
  .option('--wait', 'wait until the chain of the emulator has accepted it')
  .option('--fetch-timeout <seconds>', 'how long what is pinned may take to be served', parseCount, 120)
  .action(verb(environment, async () => (await import('./cli/make.ts')).deployVerb))

addVerb('test [paths...]', 'call functions as wasmate.test.json says', 'wasmate test hello')
  .option('--case <name>', 'this case alone; may be given again', collect, [])
  .option('--coverage', 'say what of the sources has run, where the language gives it')
  .action(verb(environment, async () => (await import('./cli/testing/test.ts')).testVerb))

addVerb('mcp', 'registered functions as tools of an MCP client, over stdin and stdout', 'wasmate mcp --start')
  .option('--start', 'start an emulator when none runs; it stops with its last listener')
  .action(verb(environment, async () => (await import('./cli/tools/mcp.ts')).mcpVerb))

addVerb('list', 'registered functions', 'wasmate list --limit 20')
  .option(...onNetwork)
  .option('--offset <number>', 'skip so many', parseCount, 0)
  .option('--limit <number>', 'show at most so many', parseCount, 100)
  .action(verb(environment, async () => listVerb))

addVerb('invoke <target> [export]', 'call a function by name or CID', "wasmate invoke hello --input 'world'")
  .option('--input <text>', 'input as text')
  .option('--file <path>', 'input from a file; - reads standard input')
  .action(verb(environment, async () => invokeVerb))

addVerb('replay [receipt]', 'a call once more, by its receipt; or which ones there are', 'wasmate replay CID')
  .option('--fuel', 'count its instructions')
  .option('--against <folder>', 'replay the last calls of a function on what its folder builds to now')
  .option('--last <number>', 'of how many calls, where no receipt is named', parseCount, 20)
  .option('--bisect', 'find the registered version that first gave this answer')
  .action(verb(environment, async () => (await import('./cli/replay/replay.ts')).replayVerb))

addVerb('log <name>', 'every version of a name, newest first', 'wasmate log hello')
  .option(...onNetwork)
  .option('--watch', 'print a line now and at every change, until Ctrl-C')
  .action(verb(environment, async () => (await import('./cli/versions.ts')).logVerb))

addVerb(
  'diff <name>',
  'local, pinned, registered, served, locked: the same or not, and why',
  'wasmate diff hello',
).action(verb(environment, async () => (await import('./cli/verify.ts')).diffVerb))

withFee(addVerb('rollback <name>', 'make another version the current one', 'wasmate rollback hello 1'))
  .argument('<version>', 'its number', parseVersion)
  .option(...onNetwork)
  .action(verb(environment, async () => (await import('./cli/versions.ts')).rollbackVerb))

withFee(addVerb('yank <name>', 'a version is not to be used any more, for ever', 'wasmate yank hello 1'))
  .argument('<version>', 'its number', parseVersion)
  .option(...onNetwork)
  .action(verb(environment, async () => (await import('./cli/network/change.ts')).yankVerb))

withFee(addVerb('transfer <name> <address>', 'offer a name to an account', 'wasmate transfer hello 0x123'))
  .option(...onNetwork)
  .action(verb(environment, async () => (await import('./cli/network/change.ts')).transferVerb))

withFee(addVerb('accept <name>', 'take a name that was offered', 'wasmate accept hello'))
  .option(...onNetwork)
  .action(verb(environment, async () => (await import('./cli/network/change.ts')).acceptVerb))

withFee(
  addVerb(
    'verify [name]',
    'fetch a function, check it, build it again from its source; without a name, all of wasmate.lock',
    'wasmate verify hello --attest',
  ),
)
  .option('--version <number>', 'a version; by default the current one', parseVersion)
  .option('--attest', 'say so on the chain when all of it holds')
  .option(...onNetwork)
  .action(verb(environment, async () => (await import('./cli/verify.ts')).verifyVerb))

addNetworkVerbs(addVerb, environment)

addCarVerbs(addVerb, environment)

const pin = addVerb(
  'pin',
  'pinning services: add, list, status, remove',
  'wasmate pin add hello --service emulator',
)

const atService = ['--service <name>', 'emulator, or one of wasmate.pinning.services', 'emulator'] as const

addVerb('add <target>', 'ask a service to pin a name or CID, and wait for it', 'wasmate pin add hello', pin)
  .option(...atService)
  .option('--name <name>', 'what the pin is called there; by default the name')
  .option('--upload', 'send the content as a CAR, for a service that can not fetch from this machine')
  .option('--yes', 'ask a service also when it can not fetch from this machine')
  .option('--background', 'return as soon as the service has taken the request')
  .action(verb(environment, async () => (await import('./cli/pinning/pin.ts')).pinAddVerb))

addVerb('list', 'the requests that a service has', 'wasmate pin list --status queued,pinning', pin)
  .option(...atService)
  .option('--status <states>', 'queued, pinning, pinned, failed, with commas between; by default all')
  .option('--name <part>', 'those with this in their name')
  .option('--limit <number>', 'show at most so many, 1 to 1000', parseCount, 100)
  .action(verb(environment, async () => (await import('./cli/pinning/pin.ts')).pinListVerb))

addVerb('status <id>', 'one request, as the service returns it', 'wasmate pin status ID', pin)
  .option(...atService)
  .action(verb(environment, async () => (await import('./cli/pinning/pin.ts')).pinStatusVerb))

addVerb('remove <id>', 'end a request, and with it what it pins there', 'wasmate pin remove ID', pin)
  .option(...atService)
  .action(verb(environment, async () => (await import('./cli/pinning/pin.ts')).pinRemoveVerb))
const snapshot = addVerb(
  'snapshot',
  'keep the state of the emulator under a name',
  'wasmate snapshot save before',
)
snapshot
  .command('save <name>')
  .description('chain, published functions, pins and blocks as they are now; also while the emulator runs')
  .option('--replace', 'in the place of one of this name')
  .action(verb(environment, async () => (await import('./cli/snapshot.ts')).saveVerb))
snapshot
  .command('list')
  .description('those there are, newest first')
  .action(verb(environment, async () => (await import('./cli/snapshot.ts')).listVerb))
snapshot
  .command('remove <name>')
  .description('remove one')
  .action(verb(environment, async () => (await import('./cli/snapshot.ts')).removeVerb))

addVerb('doctor', 'check what this machine has and lacks', 'wasmate doctor')
  .option('--fetch-devnet', 'get starknet-devnet now: download it, or build it with cargo')
  .action(verb(environment, async () => (await import('./cli/doctor.ts')).doctorVerb))

tellUnwritten()
try {
  const [node = '', entry = '', first, ...rest] = process.argv
  const asked = first === '--version' ? '-V' : first
  await program.parseAsync([node, entry, ...(asked === undefined ? [] : [asked]), ...rest])
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
