// The verbs that write to a network, with their options: each of them costs something there.

import type { Command } from 'commander'
import { type AddVerb, type Environment, verb } from '../session.ts'

/** Of every verb that may be paid for. */
export function withFee(command: Command): Command {
  return command
    .option('--account <name>', 'who signs on a network: an account, or 0x and an address that signs outside')
    .option('--yes', 'send without asking; needs --max-fee')
    .option('--max-fee <strk>', 'most that it may cost, in STRK')
    .option('--signature <felts>', 'of a transaction that was printed to be signed: 0xR,0xS')
    .option('--transaction <hash>', 'of one that was printed, and then sent by somebody else')
}

export function addNetworkVerbs(addVerb: AddVerb, environment: Environment): void {
  const account = addVerb(
    'account',
    'who signs on a network: import, create, list, remove, fund, deploy',
    'wasmate account import me --network sepolia --keystore key.json --starkli account.json',
  )
  const load = (): Promise<typeof import('./account.ts')> => import('./account.ts')
  const on = ['--network <name>', 'sepolia, or one of wasmate.networks.profiles'] as const

  addVerb('import <name>', 'a key that is typed, or a file of others', 'wasmate account import me', account)
    .requiredOption(...on)
    .option('--address <address>', 'of the account, where no file names it')
    .option('--keystore <file>', 'a keystore as starkli writes it')
    .option('--starkli <file>', 'the account file of starkli beside its keystore')
    .option('--sncast <file>', 'the accounts file of sncast')
    .option('--from <name>', 'which account of that file; by default the only one')
    .option('--external', 'no key: it signs outside, what is to be signed is printed')
    .action(verb(environment, async () => (await load()).accountImportVerb))
  addVerb('create <name>', 'a new key, and the address it will have', 'wasmate account create me', account)
    .requiredOption(...on)
    .action(verb(environment, async () => (await load()).accountCreateVerb))
  addVerb('list', 'those there are; with --network also what they have', 'wasmate account list', account)
    .option(...on)
    .action(verb(environment, async () => (await load()).accountListVerb))
  addVerb('remove <name>', 'forget it and its key', 'wasmate account remove me', account).action(
    verb(environment, async () => (await load()).accountRemoveVerb),
  )
  addVerb('fund <name>', 'STRK from a devnet', 'wasmate account fund me', account)
    .option('--amount <strk>', 'how much', '100')
    .action(verb(environment, async () => (await load()).accountFundVerb))
  withFee(
    addVerb('deploy <name>', 'put one that was created on the chain', 'wasmate account deploy me', account),
  ).action(verb(environment, async () => (await load()).accountDeployVerb))

  const registry = addVerb(
    'registry',
    'the registry contract: publish',
    'wasmate registry publish --network sepolia',
  )
  withFee(addVerb('publish', 'ours on a network, and use it there', 'wasmate registry publish', registry))
    .requiredOption(...on)
    .action(verb(environment, async () => (await import('./registry.ts')).registryPublishVerb))
}
