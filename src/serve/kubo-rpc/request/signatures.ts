// Which arguments and options each endpoint takes, as `ipfs commands --flags` of Kubo 0.44.0-dev has them.

import type { OptionType } from './options.ts'

export interface Signature {
  arguments: ArgumentSpec[]
  /** By every name that an option may be called. */
  options: ReadonlyMap<string, OptionSpec>
}

export interface ArgumentSpec {
  name: string
  isRequired: boolean
  /** Takes all that is left. */
  isVariadic: boolean
  /** A part of the body, not of the address. */
  isFile: boolean
  /** May also come as lines of the body. */
  isFromBody: boolean
}

export interface OptionSpec {
  /** The first is what an endpoint asks for. */
  names: [string, ...string[]]
  type: OptionType
}

/**
 * A line an endpoint: `<required>`, `[optional]`, `@` a file, `...` all that is left, `|` also from the body;
 * `--name/alias:type`, by default a boolean. Indented lines go on.
 */
const usage = `
add <@path...> --recursive/r --dereference-args --stdin-name:string --hidden/H --ignore:array
    --ignore-rules-path:string --empty-dirs/E --dereference-symlinks --quiet/q --quieter/Q --silent
    --progress/p --only-hash/n --wrap-with-directory/w --pin --pin-name:string --to-files:string
    --cid-version:int --hash:string --raw-leaves --chunker/s:string --trickle/t --max-file-links:int
    --max-directory-links:int --max-hamt-fanout:int --inline --inline-limit:int --nocopy --fscache
    --preserve-mode --preserve-mtime --mode:uint --mtime:int64 --mtime-nsecs:uint --fast-provide-root
    --fast-provide-dag --fast-provide-wait
bitswap/ledger <peer>
bitswap/stat --verbose/v --human
bitswap/wantlist --peer/p:string
block/get <cid|>
block/put <@data...> --cid-codec:string --mhtype:string --mhlen:int --pin --allow-big-block
    --format/f:string
block/rm <cid...> --force/f --quiet/q
block/stat <cid|>
bootstrap
bootstrap/add [peer...|]
bootstrap/list --expand-auto
bootstrap/rm [peer...|] --all
bootstrap/rm/all
cat <ipfs-path...|> --offset/o:int64 --length/l:int64 --progress/p
commands --flags/f
config <key> [value] --bool --json --expand-auto
config/profile/apply <profile> --dry-run
config/replace <@file>
config/show
dag/export <root|> --progress/p --local-only
dag/get <ref|> --output-codec:string
dag/import <@path...> --pin-roots --local-only --silent --stats --fast-provide-root --fast-provide-dag
    --fast-provide-wait --allow-big-block
dag/put <@object data...> --store-codec:string --input-codec:string --pin --hash:string --allow-big-block
dag/resolve <ref|>
dag/stat <root...|> --progress/p
dht/findpeer
dht/findprovs
dht/get
dht/provide
dht/put
dht/query <peerID...> --verbose/v
files/chcid <path> --cid-version/cid-ver:int --hash:string --flush/f
files/chmod <mode> <path> --flush/f
files/cp <source> <dest> --force --parents/p --flush/f
files/flush [path] --flush/f
files/ls [path] --long/l --U --flush/f
files/mkdir <path> --parents/p --cid-version/cid-ver:int --hash:string --flush/f
files/mv <source> <dest> --flush/f
files/read <path> --offset/o:int64 --count/n:int64 --flush/f
files/rm <path...> --recursive/r --force --flush/f
files/stat <path> --format:string --hash --size --with-local --flush/f
files/touch <path> --mtime:int64 --mtime-nsecs:uint --flush/f
files/write <path> <@data> --offset/o:int64 --create/e --parents/p --truncate/t --count/n:int64
    --raw-leaves --cid-version/cid-ver:int --hash:string --flush/f
get <ipfs-path|> --output/o:string --archive/a --compress/C --compression-level/l:int --progress/p
id [peerid] --format/f:string --peerid-base:string
key/gen <name> --type/t:string --size/s:int --ipns-base:string
key/import <name> <@key> --ipns-base:string --format/f:string --allow-any-key-type
key/list --l --ipns-base:string
key/ls --l --ipns-base:string
key/rename <name> <newName> --force/f --ipns-base:string
key/rm <name...|> --l --ipns-base:string
ls <ipfs-path...|> --headers/v --resolve-type --size --stream/s --long/l
mount --ipfs-path/f:string --ipns-path/n:string --mfs-path/m:string
name/publish <ipfs-path|> --key/k:string --resolve --lifetime/t:string --ttl:string --quieter/Q --v1compat
    --allow-offline --allow-delegated --sequence:uint64 --ipns-base:string
name/pubsub/cancel <name>
name/pubsub/state
name/pubsub/subs --ipns-base:string
name/resolve [name] --recursive/r --nocache/n --dht-record-count/dhtrc:uint --dht-timeout/dhtt:string
    --stream/s
object/data
object/diff <obj_a> <obj_b> --verbose/v
object/get
object/links
object/new
object/patch/add-link <root> <name> <ref> --create/p --allow-non-unixfs
object/patch/append-data
object/patch/rm-link <root> <name> --allow-non-unixfs
object/patch/set-data
object/put
object/stat
p2p/close --all/a --protocol/p:string --listen-address/l:string --target-address/t:string
p2p/forward <protocol> <listen-address> <target-address> --allow-custom-protocol --foreground/f
p2p/listen <protocol> <target-address> --allow-custom-protocol --report-peer-id/r --foreground/f
p2p/ls --headers/v
p2p/stream/close [id] --all/a
p2p/stream/ls --headers/v
pin/add <ipfs-path...|> --recursive/r --name/n:string --progress --fast-provide-root --fast-provide-dag
    --fast-provide-wait
pin/ls [ipfs-path...] --type/t:string --quiet/q --name/n:string --stream/s --names
pin/remote/add <ipfs-path> --service:string --name:string --background
pin/remote/ls --service:string --name:string --cid:array --status:array
pin/remote/rm --service:string --name:string --cid:array --status:array --force
pin/remote/service/add <service> <endpoint> <key>
pin/remote/service/ls --stat
pin/remote/service/rm <service>
pin/rm <ipfs-path...|> --recursive/r
pin/update <from-path> <to-path> --unpin --fast-provide-root --fast-provide-dag --fast-provide-wait
pin/verify --verbose --quiet/q
ping <peer ID...|> --count/n:int
pubsub/ls
pubsub/peers [topic]
pubsub/pub <topic> <@data>
pubsub/reset --peer/p:string
pubsub/sub <topic>
refs <ipfs-path...|> --format:string --edges/e --unique/u --recursive/r --max-depth:int
refs/local
repo/gc --stream-errors --quiet/q --silent
repo/ls
repo/stat --size-only/s --human/H
repo/verify --drop --heal --heal-timeout:string
repo/version --quiet/q
resolve <name|> --recursive/r --dht-record-count/dhtrc:int --dht-timeout/dhtt:string
routing/findpeer <peerID...> --verbose/v
routing/findprovs <key...> --verbose/v --num-providers/n:int
routing/get <key...>
routing/provide <key...|> --verbose/v --recursive/r
routing/put <key> <@value-file> --allow-offline
routing/reprovide
shutdown
stats/bitswap --verbose/v --human
stats/bw --peer/p:string --proto/t:string --poll --interval/i:string
stats/dht [dht...]
stats/repo --size-only/s --human/H
swarm/addrs
swarm/addrs/listen
swarm/addrs/local --id
swarm/connect <address...|>
swarm/disconnect <address...|>
swarm/filters
swarm/filters/add <address...|>
swarm/filters/rm <address...|>
swarm/peering/add <address...>
swarm/peering/ls
swarm/peering/rm <ID...>
swarm/peers --verbose/v --streams --latency --direction --identify
version --number/n --commit --repo --all
`

/** What every endpoint takes besides. */
const globalUsage =
  '--offline --cid-base:string --upgrade-cidv0-in-output --encoding/enc:string --stream-channels --timeout:string'

function parseUsage(words: string): Signature {
  const args = [...words.matchAll(/([<[])(@?)([^<>[\].|]+)(\.{3})?(\|?)[>\]]/g)].map(
    ([, bracket, file, name = '', variadic, body]) => ({
      name,
      isRequired: bracket === '<',
      isVariadic: variadic !== undefined,
      isFile: file === '@',
      isFromBody: body === '|',
    }),
  )
  const options = new Map<string, OptionSpec>()
  for (const [, names = '', type = 'bool'] of words.matchAll(/--([^\s:]+)(?::(\w+))?/g)) {
    const [first = '', ...aliases] = names.split('/')
    const spec: OptionSpec = { names: [first, ...aliases], type: type as OptionType }
    for (const name of spec.names) options.set(name, spec)
  }
  return { arguments: args, options }
}

/** By path below /api/v0. An endpoint that is not in it takes what it is given. */
export const signatures: ReadonlyMap<string, Signature> = new Map(
  usage
    .trim()
    .replace(/\n +/g, ' ')
    .split('\n')
    .map((line) => {
      const [, path = '', words = ''] = /^(\S+) ?(.*)$/.exec(line) ?? []
      return [path, parseUsage(`${words} ${globalUsage}`)]
    }),
)

export const globalOptions: ReadonlyMap<string, OptionSpec> = parseUsage(globalUsage).options
