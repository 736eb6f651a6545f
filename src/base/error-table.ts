// The one table of everything that can go wrong: what happened, what to do next, whose it is to mend.
// README.md lists the same codes; a test holds the two equal.

/** Who can mend it: the person (`user`), this machine or its network (`environment`), or we (`ours`). */
export type Fault = 'user' | 'environment' | 'ours'

export interface ErrorEntry {
  /** HTTP status of an answer that carries this error (RFC 9110 section 15). */
  readonly status: number
  readonly fault: Fault
  readonly message: string
  /** What the person does next. */
  readonly next: string
}

function entry(status: number, fault: Fault, message: string, next: string): ErrorEntry {
  return { status, fault, message, next }
}

export const errorTable = {
  // what a person gave us
  NAME_INVALID: entry(
    400,
    'user',
    'Not a function name',
    'Use 1 to 31 printable ASCII characters, no spaces or slashes.',
  ),
  FOLDER_EXISTS: entry(
    409,
    'user',
    'The folder already exists',
    'Choose another name, or remove the folder first.',
  ),
  SOURCE_NOT_FOUND: entry(
    404,
    'user',
    'No function found there',
    'Name a folder with a source file or a .wasm file; `wasmate new NAME` makes one.',
  ),
  MANIFEST_INVALID: entry(
    400,
    'user',
    'wasmate.json is not valid',
    'Correct the field named here; README.md lists them all.',
  ),
  CASES_INVALID: entry(
    400,
    'user',
    'wasmate.test.json is not valid',
    'Correct the field named here; README.md lists them all.',
  ),
  CONFIG_INVALID: entry(
    400,
    'user',
    'A setting is not valid',
    'Correct the setting named here; README.md lists them all.',
  ),
  INPUT_INVALID: entry(
    400,
    'user',
    'The request is not valid',
    'Correct what is named here and send it again.',
  ),

  // build
  LANGUAGE_UNKNOWN: entry(
    400,
    'user',
    'No toolchain for this language',
    'Use assemblyscript or c, or deploy a ready .wasm file.',
  ),
  TOOLCHAIN_MISSING: entry(
    424,
    'environment',
    'The compiler is not installed',
    'Install it as named here; `wasmate doctor` checks again.',
  ),
  BUILD_FAILED: entry(
    422,
    'user',
    'The source does not compile',
    'Correct the source at the line named here and save.',
  ),

  // module
  WASM_INVALID: entry(
    422,
    'user',
    'Not a WebAssembly module',
    'Give a compiled .wasm file (binary format, version 1).',
  ),
  WASM_NO_EXPORTS: entry(
    422,
    'user',
    'The module has nothing to call',
    'Export a function that takes no parameters and returns nothing or an i32.',
  ),
  WASM_IMPORT_UNKNOWN: entry(
    422,
    'user',
    'The module needs an import that nobody provides',
    'Build it for Extism: imports from extism:host/env and wasi_snapshot_preview1 only.',
  ),

  DEBUG_INFO_INVALID: entry(
    422,
    'user',
    "What the module tells a debugger can't be read",
    'Build it anew with DWARF 4 or 5 (`-gdwarf-4`), or debug it without: `strip` takes it out.',
  ),

  // content
  CID_INVALID: entry(400, 'user', 'Not a CID', 'Give a CIDv0 (Qm...) or CIDv1 (bafy..., bafk...).'),
  CONTENT_NOT_FOUND: entry(
    404,
    'user',
    'No such block in this node',
    'Pin the content here first, or name a gateway that has it.',
  ),
  CONTENT_TOO_LARGE: entry(
    413,
    'user',
    'The content is larger than allowed',
    'Raise the size limit named here, or fetch something smaller.',
  ),
  CONTENT_MISMATCH: entry(
    502,
    'environment',
    'The bytes are not what the registry says',
    'Do not run it: ask the owner of the name to publish it again.',
  ),
  FOLDER_REFUSED: entry(
    422,
    'user',
    'The folder has something in it that is not unpacked',
    'Nothing of it was written; ask its owner to publish it again without what is named here.',
  ),
  BLOCK_MISMATCH: entry(
    502,
    'environment',
    'A block does not match its CID',
    'Nothing of it was kept; get it from somewhere else.',
  ),
  CAR_INVALID: entry(
    422,
    'user',
    'Not a readable CAR',
    'Export it again; the position named here is where it breaks.',
  ),
  CODEC_UNSUPPORTED: entry(
    422,
    'user',
    'The codec or hash is not supported',
    'Use dag-pb, raw, dag-cbor, dag-json or json with sha2-256 or sha2-512.',
  ),
  GATEWAYS_FAILED: entry(
    502,
    'environment',
    'No gateway could deliver the content',
    'Check that it is pinned and that the gateways named here are up.',
  ),
  KUBO_UNREACHABLE: entry(
    503,
    'environment',
    'The IPFS node does not answer',
    'Start it, or unset wasmate.content.kuboUrl to use the embedded node.',
  ),
  KUBO_REFUSED: entry(
    502,
    'environment',
    'The IPFS node refused the request',
    'The reason it gave is in the detail.',
  ),

  // pinning services
  PINNING_SERVICE_UNKNOWN: entry(
    400,
    'user',
    'No pinning service of that name',
    'Use emulator, or describe it in wasmate.pinning.services.',
  ),
  PINNING_TOKEN_MISSING: entry(
    401,
    'user',
    'No usable token for the pinning service',
    'Put it into the environment variable that is named here; it is kept nowhere.',
  ),
  PINNING_OUT_OF_REACH: entry(
    409,
    'user',
    'The pinning service can not fetch from this machine',
    'Send the content with --upload where the service takes a CAR; with --yes it is asked all the same.',
  ),
  PINNING_UNREACHABLE: entry(
    503,
    'environment',
    'The pinning service does not answer',
    'Check its URL in wasmate.pinning.services, and try again.',
  ),
  PINNING_REFUSED: entry(
    502,
    'environment',
    'The pinning service refused the request',
    'The reason it gave is in the detail.',
  ),
  PINNING_ANSWER_INVALID: entry(
    502,
    'environment',
    'The answer is not one of the Pinning Service API',
    'Check that its URL in wasmate.pinning.services is that of the API, without /pins.',
  ),
  PIN_REQUEST_NOT_FOUND: entry(
    404,
    'user',
    'The pinning service has no such request',
    '`wasmate pin list --service NAME` shows those that it has.',
  ),
  PINNING_FAILED: entry(
    502,
    'environment',
    'The pinning service did not pin it',
    'What it says of it is in the detail; the request stays there until `wasmate pin remove ID`.',
  ),

  // chain
  DEVNET_MISSING: entry(
    503,
    'environment',
    'starknet-devnet is not there and could not be had',
    'Put starknet-devnet 0.10.1 on PATH or set wasmate.devnet.path; `wasmate doctor` shows where it was sought.',
  ),
  DEVNET_CHECKSUM: entry(
    502,
    'environment',
    'The downloaded starknet-devnet has the wrong checksum',
    'Nothing was installed. Try again, or set wasmate.devnet.path to a binary that you trust.',
  ),
  DEVNET_EXITED: entry(
    503,
    'environment',
    'starknet-devnet ended',
    'Its last words are in the detail; `wasmate up` starts it again with all that was registered.',
  ),
  CHAIN_NOT_READY: entry(
    503,
    'environment',
    'The chain is not ready yet',
    'Wait for it (`wasmate status`); build, pin and invoke by CID work meanwhile.',
  ),
  CHAIN_DIVERGED: entry(
    500,
    'ours',
    'The chain did not come back as it was',
    'The journal is untouched. `wasmate up --reset` starts a new chain and sets the old one aside.',
  ),
  RPC_REFUSED: entry(
    502,
    'environment',
    'The chain refused the request',
    'The reason it gave is in the detail.',
  ),
  TRANSACTION_REVERTED: entry(
    409,
    'user',
    'The registry refused the transaction',
    'The reason it gave is in the detail.',
  ),
  NAME_TAKEN: entry(
    403,
    'user',
    'The name belongs to another account',
    'Choose another name, or ask its owner to add you as a maintainer.',
  ),
  ACCOUNT_MISSING: entry(
    403,
    'user',
    'No account to sign with',
    'Add one for the network, `wasmate account import NAME --network NETWORK`, and name it with --account where there are several.',
  ),
  ACCOUNT_UNKNOWN: entry(
    404,
    'user',
    'No account of this name is known here',
    '`wasmate account list` names those there are; `wasmate account import` and `create` add one.',
  ),
  ACCOUNT_EXISTS: entry(
    409,
    'user',
    'There is an account of this name',
    'Choose another name, or remove that one first: `wasmate account remove NAME`.',
  ),
  ACCOUNT_NOT_DEPLOYED: entry(
    409,
    'user',
    'There is no account contract at the address yet',
    'Nothing was sent. Send STRK to the address, then run `wasmate account deploy NAME`.',
  ),
  ACCOUNT_KEY_MISMATCH: entry(
    403,
    'user',
    'The key does not sign for this account',
    'Nothing was sent. Import the key of this account, or correct its address.',
  ),
  KEY_INVALID: entry(
    400,
    'user',
    'Not a private key of Starknet',
    'Give 0x and at most 64 hex digits, above 0 and below the order of the curve.',
  ),
  KEYSTORE_INVALID: entry(
    400,
    'user',
    'Not a keystore or an account file that is understood',
    'Give a keystore and an account file of starkli, or an accounts file of sncast.',
  ),
  KEYSTORE_PASSWORD: entry(
    401,
    'user',
    'The password of the keystore is missing or wrong',
    'Type it when asked for it, or put it into the environment variable WASMATE_KEYSTORE_PASSWORD.',
  ),
  SIGNATURE_MISSING: entry(
    409,
    'user',
    'The transaction waits for its signature',
    'Sign the hash named here and run the same with --signature R,S; or send it yourself and run the same with --transaction HASH.',
  ),
  SIGNATURE_INVALID: entry(
    403,
    'user',
    'Not a signature of this account for this transaction',
    'Nothing was sent. Sign the hash named here with the key of the account.',
  ),
  FUNDS_MISSING: entry(
    402,
    'user',
    'The account has too little STRK',
    'Nothing was sent. Send STRK to the address; a test network has faucets, a devnet has `wasmate account fund`.',
  ),
  FEE_OVER_MAXIMUM: entry(
    409,
    'user',
    'The fee is over the maximum',
    'Nothing was sent. Try again when gas is cheaper, or allow more with --max-fee.',
  ),
  FEE_ROSE: entry(
    409,
    'environment',
    'Gas has become dearer than was agreed to',
    'Nothing was charged. Run the same again for a new estimate.',
  ),
  CONFIRMATION_MISSING: entry(
    409,
    'user',
    'Nobody could be asked to confirm',
    'Nothing was sent. Run it in a terminal, or with --yes and a maximum such as --max-fee 0.5.',
  ),
  TRANSACTION_UNSETTLED: entry(
    503,
    'environment',
    'A transaction was sent, and it is not known yet what became of it',
    'Run the same again: it looks for this transaction first, and nothing is sent twice.',
  ),
  RPC_UNREACHABLE: entry(
    503,
    'environment',
    'The RPC of the network does not answer',
    'Check its rpcUrl, and run the same again.',
  ),
  NOWHERE_TO_PIN: entry(
    409,
    'user',
    'There is nowhere to pin it',
    'Start the emulator, set wasmate.content.kuboUrl, or give the network a pinning service that has an uploadUrl.',
  ),
  NOT_SERVED: entry(
    502,
    'environment',
    'What is pinned can not be fetched from the gateways of the network',
    'Wait until the pinning service has announced it, or correct the gateways of the network, and run the same again.',
  ),
  NOT_AS_SENT: entry(
    502,
    'environment',
    'The name does not stand as it was sent',
    'Somebody may have changed it since; `wasmate list` and `wasmate log NAME` show how it stands.',
  ),
  NOT_PINNED: entry(
    409,
    'user',
    'Nothing that was built of this source is pinned',
    'Pin it first, which builds it; `wasmate deploy` builds, pins and registers at once.',
  ),
  FUNCTION_NOT_FOUND: entry(
    404,
    'user',
    'No function of that name is registered',
    '`wasmate list` shows what is; `wasmate deploy` registers yours.',
  ),
  VERSION_YANKED: entry(
    409,
    'user',
    'The version was yanked by its owner',
    'Name another version; `wasmate log NAME` lists them.',
  ),
  NOT_ATTESTED: entry(
    403,
    'user',
    'The version lacks attestations that the policy asks for',
    'Ask a verifier named here to run `wasmate verify NAME --attest`, or change the policy of the network.',
  ),
  NOT_REPRODUCIBLE: entry(
    422,
    'user',
    'Building from the source gives other bytes than are registered',
    'Build with the recorded toolchain; the first differing bytes are named here.',
  ),
  SOURCE_NOT_REGISTERED: entry(
    404,
    'user',
    'No source is registered for this version',
    'Its bytes can be checked but not built again; ask its owner to publish it with its source.',
  ),
  LOCK_MISMATCH: entry(
    409,
    'user',
    'wasmate.lock names something else',
    'If the change is meant, deploy again to write it anew; if not, do not run it.',
  ),
  LOCK_DAMAGED: entry(
    422,
    'user',
    'wasmate.lock can not be understood',
    'It was left as it is. Mend it (a merge may have left its marks), or remove it and deploy again.',
  ),
  REGISTRY_UNSUPPORTED: entry(
    501,
    'user',
    'This registry contract cannot do that',
    'Use the registry of Wasmate for it; docs/registry.md compares the two.',
  ),
  CID_TOO_LONG: entry(
    422,
    'user',
    'The CID is too long for this registry contract',
    'Pin it with a profile whose CIDs have at most 62 characters: CIDv0, or CIDv1 in base32 with sha2-256.',
  ),
  NETWORK_UNKNOWN: entry(
    400,
    'user',
    'No network of that name',
    'Use emulator or sepolia, or describe it in wasmate.networks.profiles.',
  ),
  RPC_VERSION: entry(
    502,
    'environment',
    'The RPC speaks another version of the Starknet specification',
    'Name an RPC endpoint of a version that is listed here.',
  ),
  CHAIN_ID_MISMATCH: entry(
    502,
    'environment',
    'The RPC serves another chain',
    'Correct rpcUrl or chainId of the network; nothing was sent.',
  ),

  // run
  EXPORT_NOT_FOUND: entry(
    404,
    'user',
    'The module has no such export',
    'Call one of the exports named here.',
  ),
  EXPORT_REQUIRED: entry(
    400,
    'user',
    'The module has several exports',
    'Name one of them: /functions/NAME/EXPORT.',
  ),
  CALL_FAILED: entry(
    500,
    'user',
    'The function reported an error',
    'The detail is what the function said; its logs may say more.',
  ),
  CALL_TRAPPED: entry(
    500,
    'user',
    'The function trapped',
    'The detail names the trap; debug the function with the same input.',
  ),
  CALL_TIMEOUT: entry(
    504,
    'user',
    'The function ran longer than its limit and was ended',
    'Make it faster, or raise timeoutMs in wasmate.json.',
  ),
  MEMORY_LIMIT: entry(
    500,
    'user',
    'The function needs more memory than its limit',
    'Use less, or raise maxMemoryBytes in wasmate.json.',
  ),
  QUEUE_FULL: entry(
    503,
    'user',
    'Too many calls of the function wait',
    'Call again after the time in Retry-After, or raise wasmate.runner.maxQueue.',
  ),

  // receipts
  RECEIPT_NOT_FOUND: entry(
    404,
    'user',
    'No such receipt here',
    '`wasmate replay` lists those there are; import the CAR that it was exported to. `wasmate.trace.receipts` says which calls leave one.',
  ),
  RECEIPT_INVALID: entry(
    422,
    'user',
    'Not a receipt of a call',
    'Name the CID of a receipt: it is in the header wasmate-receipt, and in the list of invocations.',
  ),
  RECEIPT_DAMAGED: entry(
    422,
    'user',
    'The receipt was changed: its bytes are not those of its CID',
    'Nothing was run. Import it again from where it was exported.',
  ),
  RECEIPT_NEWER: entry(
    422,
    'user',
    'The receipt was written by a newer Wasmate',
    'Update Wasmate; nothing was run.',
  ),
  RECEIPT_INCOMPLETE: entry(
    422,
    'user',
    'The receipt does not hold what a replay needs',
    'Raise wasmate.trace.maxReceiptBytes, and make the call again.',
  ),
  RECEIPT_MODULE_MISSING: entry(
    404,
    'user',
    'The module of the receipt is not here any more',
    'Pin the CID named here again, or import a CAR of the receipt, which has its module in it.',
  ),
  REPLAY_DIVERGED: entry(
    409,
    'user',
    'The replay went another way than the recorded call',
    'The first host call that differs is named here: the module is another one, or the call could not be recorded faithfully.',
  ),
  FUEL_REFUSED: entry(
    422,
    'user',
    'The instructions of this module can not be counted',
    'The feature that stands in the way is named here; everything but the count works without.',
  ),

  // serve
  SERVER_BUSY: entry(
    503,
    'user',
    'More bytes are sent to functions at one time than are held',
    'Call again after the time in Retry-After.',
  ),
  UNAUTHORIZED: entry(
    401,
    'user',
    'The token is missing or wrong',
    'Send the token from .wasmate/emulator.json as a bearer token.',
  ),
  ORIGIN_REFUSED: entry(
    403,
    'user',
    'Requests from this host or origin are refused',
    'Call it from this machine as 127.0.0.1 or localhost, and not from a web page.',
  ),
  FORMAT_UNSUPPORTED: entry(
    406,
    'user',
    'No such response format here',
    'Ask for application/vnd.ipld.raw or application/vnd.ipld.car, by Accept or by ?format=raw|car.',
  ),
  PATH_INSIDE_BLOCK: entry(
    501,
    'user',
    'The path ends inside a block',
    'Ask for the block itself, or for a CAR, and read the value from it.',
  ),
  IPNS_UNSUPPORTED: entry(
    501,
    'user',
    'Names under /ipns are not resolved here',
    'Resolve the name elsewhere and ask for the CID under /ipfs.',
  ),
  ROUTE_NOT_FOUND: entry(404, 'user', 'Nothing answers at this address', 'README.md lists the endpoints.'),
  METHOD_REFUSED: entry(
    405,
    'user',
    'This method is not allowed here',
    'Use the method that the Allow header names.',
  ),
  BODY_TOO_LARGE: entry(413, 'user', 'The body is larger than allowed', 'Send less.'),

  // emulator
  EMULATOR_NOT_RUNNING: entry(
    503,
    'user',
    'No emulator runs for this workspace',
    'Start it with `wasmate up`.',
  ),
  FOLDER_MISSING: entry(
    400,
    'user',
    'No folder of this machine is open in this window',
    'Open one: functions, and the emulator that serves them, belong to a folder.',
  ),
  WORKSPACE_UNTRUSTED: entry(
    403,
    'user',
    'This folder is not trusted',
    'Trust it with `Workspaces: Manage Workspace Trust`; until then nothing in it leads anywhere.',
  ),
  EMULATOR_STARTING: entry(
    409,
    'user',
    'Another process is starting or holding this emulator',
    'Wait for it, or end the process named here.',
  ),
  EMULATOR_FAILED: entry(
    500,
    'environment',
    'The emulator did not start',
    'The detail is its own account; .wasmate/emulator.log has the rest.',
  ),
  STATE_DAMAGED: entry(
    500,
    'environment',
    'A state file is damaged',
    'Nothing was changed. `wasmate up --repair` keeps all that is intact and sets the damaged file aside.',
  ),
  STATE_NEWER: entry(
    500,
    'user',
    'The state was written by a newer Wasmate',
    'Update Wasmate, or use another workspace.',
  ),
  SNAPSHOT_EXISTS: entry(
    409,
    'user',
    'There is a snapshot of this name',
    'Choose another name, or remove that one first: `wasmate snapshot remove NAME`.',
  ),
  SNAPSHOT_NOT_FOUND: entry(
    404,
    'user',
    'There is no snapshot of this name',
    '`wasmate snapshot list` names those there are.',
  ),
  STATE_UNWRITABLE: entry(
    500,
    'environment',
    'A file could not be written',
    'Make room on the disk, or the folder writable, and run it again; what was acknowledged before is kept.',
  ),
  PORT_TAKEN: entry(
    409,
    'environment',
    'No port could be had',
    'End the process named here, or set another port.',
  ),
  DEBUG_ENDED: entry(
    503,
    'user',
    'The debugger that had taken the call ended before it was answered',
    'Call it again; what it had done up to then stays done.',
  ),
  CANCELLED: entry(499, 'user', 'Cancelled', 'Nothing was left half done; run it again when you like.'),
  INTERNAL: entry(
    500,
    'ours',
    'Something went wrong in Wasmate',
    'Please report it with the detail and .wasmate/emulator.log.',
  ),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorTable
