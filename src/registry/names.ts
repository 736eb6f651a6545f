// What a registry contract can be asked, whichever it is: ours, or the earlier one that knows a name and a CID.

import type {
  ChangeReceipt,
  Context,
  ListedFunction,
  Publication,
  RegisteredFunction,
  RegisteredVersion,
  Registration,
  RegistryChange,
  VersionRecord,
} from '../model.ts'

/** What the earlier contract has no means for throws REGISTRY_UNSUPPORTED and says what to do instead. */
export interface NameRegistry {
  publish(publication: Publication, context: Context): Promise<Registration>
  change(change: RegistryChange, context: Context): Promise<ChangeReceipt>
  /** Throws FUNCTION_NOT_FOUND when nobody has the name, or none of its versions is current. */
  resolve(name: string): Promise<RegisteredFunction>
  getVersion(name: string, version: number): Promise<RegisteredVersion>
  /** Every version, newest first. */
  history(name: string, context: Context): Promise<VersionRecord[]>
  hasAttested(name: string, version: number, verifier: string): Promise<boolean>
  list(page: { offset: number; limit: number }): Promise<ListedFunction[]>
  /**
   * The name as it stands, and again whenever that changes; `undefined` while nobody has it or none of its versions
   * is current. Waits while the chain is away; ends with the signal, without an error.
   */
  watchName(name: string, signal: AbortSignal): AsyncGenerator<RegisteredFunction | undefined, void>
}
