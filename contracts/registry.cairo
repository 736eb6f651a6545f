// Names for WebAssembly functions: who owns a name, every version published under it, and which is current.
// Nobody can change the contract or a published version: there is no admin and no upgrade.
//
// Written for edition 2023_01 in one file, which is what wasm-cairo compiles. The day it moves to Scarb:
// a newer edition makes the storage and option trait imports below part of the prelude, and the class hash changes.

use starknet::ContractAddress;

// One published version. All but the last two fields are fixed for ever.
#[derive(Drop, Serde)]
pub struct Version {
    pub number: u32, // counts from 1 for each name; 0 stands for "none"
    pub cid: ByteArray,
    pub sha256: u256, // of the module's bytes; 0 when published through the old interface
    pub size: u64, // bytes of the module; 0 when published through the old interface
    pub source_cid: ByteArray, // empty when there is no source
    pub publisher: ContractAddress,
    pub published_at: u64, // block time, seconds since 1970
    pub attestations: u32, // anyone can attest: ask has_attested for the verifiers that you trust
    pub yanked: bool,
}

#[derive(Drop, Serde)]
pub struct Function {
    pub name: felt252,
    pub owner: ContractAddress,
    pub version_count: u32,
    pub current: Version, // number 0 when every version up to the last current one is yanked
}

// A name in a list. The last three fields are those of the current version, and empty when there is none.
#[derive(Drop, Serde)]
pub struct ListedFunction {
    pub name: felt252,
    pub owner: ContractAddress,
    pub version_count: u32,
    pub current: u32, // 0: none
    pub cid: ByteArray,
    pub sha256: u256,
    pub size: u64,
}

// A CID as two short strings of at most 31 characters.
#[derive(Drop, Serde, Copy)]
pub struct WasmCidMetaData {
    pub cid_address_part1: felt252,
    pub cid_address_part2: felt252,
}

#[starknet::interface]
pub trait FunctionRegistry<T> {
    // Adds a version and makes it current. The first to publish under a name owns it.
    fn publish(
        ref self: T, name: felt252, cid: ByteArray, sha256: u256, size: u64, source_cid: ByteArray
    ) -> u32;
    fn set_current(ref self: T, name: felt252, version: u32);
    // Marks a version as not to be used, for ever. When it is the current one, the newest earlier version
    // that is not yanked becomes current: never a later one, because the owner has turned away from those.
    // When there is none the name has no current version until the next publish or set_current.
    fn yank(ref self: T, name: felt252, version: u32);
    // Offers the name. A later offer replaces it; an offer to address 0 withdraws it.
    fn transfer_ownership(ref self: T, name: felt252, to: ContractAddress);
    // Takes the offered name. Maintainers named by earlier owners lose their rights.
    fn accept_ownership(ref self: T, name: felt252);
    // Maintainers may publish, set_current and yank.
    fn add_maintainer(ref self: T, name: felt252, account: ContractAddress);
    // By the owner, or by the maintainer itself.
    fn remove_maintainer(ref self: T, name: felt252, account: ContractAddress);
    // Says that the caller has built this version from its source and got bytes of this hash.
    fn attest(ref self: T, name: felt252, version: u32, sha256: u256);

    fn resolve(self: @T, name: felt252) -> Function;
    fn get_version(self: @T, name: felt252, version: u32) -> Version;
    // Oldest first: version 1 stands at offset 0. Past the end it is empty.
    fn versions(self: @T, name: felt252, offset: u32, limit: u32) -> Array<Version>;
    // 0 for a name that nobody has.
    fn version_count(self: @T, name: felt252) -> u32;
    // Address 0 for a name that nobody has.
    fn owner_of(self: @T, name: felt252) -> ContractAddress;
    // Address 0 when nothing is offered.
    fn pending_owner_of(self: @T, name: felt252) -> ContractAddress;
    fn is_maintainer(self: @T, name: felt252, account: ContractAddress) -> bool;
    fn has_attested(self: @T, name: felt252, version: u32, verifier: ContractAddress) -> bool;
    fn function_count(self: @T) -> u32;
    // In the order in which the names were first published; past the end it is empty.
    fn functions(self: @T, offset: u32, limit: u32) -> Array<ListedFunction>;
}

// The interface of the earlier registry over the same names, now with the owner check.
#[starknet::interface]
pub trait WasmCidRegistry<T> {
    fn add_wasm_cid(ref self: T, faas_func_name: felt252, wasm_cid_meta_data: WasmCidMetaData) -> bool;
    fn update_wasm_cid(ref self: T, faas_func_name: felt252, wasm_cid_meta_data: WasmCidMetaData) -> bool;
    // Zeros for a name without a current version, as it always was.
    fn get_wasm_cid(self: @T, faas_func_name: felt252) -> WasmCidMetaData;
    fn get_wasmcid_total_count(self: @T) -> u128;
}

#[starknet::contract]
pub mod Registry {
    use starknet::{ContractAddress, get_caller_address, get_block_timestamp};
    use starknet::storage::{Map, StoragePathEntry, StoragePointerReadAccess, StoragePointerWriteAccess};
    use starknet::storage_access::StorePacking;
    use super::{Function, ListedFunction, Version, WasmCidMetaData};

    // Longest CID that is kept: base32 of a CIDv1 with a 64-byte hash has 111 characters.
    const MAX_CID_LENGTH: u32 = 128;
    const SHORT_STRING_LENGTH: u32 = 31;

    const SHIFT_32: u128 = 0x100000000;
    const SHIFT_64: u128 = 0x10000000000000000;
    const SHIFT_128: felt252 = 0x100000000000000000000000000000000;

    // What is stored side by side is found by one hash, and what is packed is read at once: that is what a list
    // of a thousand names is made of, and what a publication pays for.
    #[storage]
    struct Storage {
        function_count: u32,
        names: Map<u32, felt252>,
        functions: Map<felt252, StoredFunction>,
        pending_owners: Map<felt252, ContractAddress>,
        versions: Map<(felt252, u32), StoredVersion>,
        attested: Map<(felt252, u32, ContractAddress), bool>,
        maintainers: Map<(felt252, u32, ContractAddress), bool>,
    }

    #[derive(Drop, Copy, starknet::Store)]
    struct StoredFunction {
        owner: ContractAddress,
        counters: Counters,
    }

    #[derive(Drop, Copy)]
    struct Counters {
        version_count: u32,
        current: u32,
        // Counts owners, so that the maintainers of an earlier one are no longer found.
        tenure: u32,
    }

    #[derive(Drop, starknet::Store)]
    struct StoredVersion {
        facts: Facts,
        cid: ByteArray,
        sha256: u256,
        source_cid: ByteArray,
        publisher: ContractAddress,
    }

    #[derive(Drop, Copy)]
    struct Facts {
        size: u64,
        published_at: u64,
        attestations: u32,
        yanked: bool,
    }

    // 32 bits each, from the lowest, in the order of the fields.
    impl PackCounters of StorePacking<Counters, u128> {
        fn pack(value: Counters) -> u128 {
            value.version_count.into() + value.current.into() * SHIFT_32 + value.tenure.into() * SHIFT_64
        }

        fn unpack(value: u128) -> Counters {
            let (rest, version_count) = DivRem::div_rem(value, SHIFT_32.try_into().unwrap());
            let (tenure, current) = DivRem::div_rem(rest, SHIFT_32.try_into().unwrap());
            Counters {
                version_count: version_count.try_into().unwrap(),
                current: current.try_into().unwrap(),
                tenure: tenure.try_into().unwrap(),
            }
        }
    }

    // From the lowest bit: size 64, block time 64, attestations 32, yanked 1.
    impl PackFacts of StorePacking<Facts, felt252> {
        fn pack(value: Facts) -> felt252 {
            let low: u128 = value.size.into() + value.published_at.into() * SHIFT_64;
            let yanked = if value.yanked {
                SHIFT_32
            } else {
                0
            };
            let high: u128 = value.attestations.into() + yanked;
            low.into() + high.into() * SHIFT_128
        }

        fn unpack(value: felt252) -> Facts {
            let bits: u256 = value.into();
            let (published_at, size) = DivRem::div_rem(bits.low, SHIFT_64.try_into().unwrap());
            let (yanked, attestations) = DivRem::div_rem(bits.high, SHIFT_32.try_into().unwrap());
            Facts {
                size: size.try_into().unwrap(),
                published_at: published_at.try_into().unwrap(),
                attestations: attestations.try_into().unwrap(),
                yanked: yanked != 0,
            }
        }
    }

    #[event]
    #[derive(Drop, starknet::Event)]
    pub enum Event {
        FunctionPublished: FunctionPublished,
        CurrentChanged: CurrentChanged,
        VersionYanked: VersionYanked,
        OwnershipTransferStarted: OwnershipTransferStarted,
        OwnershipTransferred: OwnershipTransferred,
        MaintainerAdded: MaintainerAdded,
        MaintainerRemoved: MaintainerRemoved,
        VersionAttested: VersionAttested,
    }

    // A new version, which is also the current one: no CurrentChanged comes with it.
    #[derive(Drop, starknet::Event)]
    pub struct FunctionPublished {
        #[key]
        pub name: felt252,
        #[key]
        pub publisher: ContractAddress,
        pub version: u32,
        pub cid: ByteArray,
        pub sha256: u256,
        pub size: u64,
        pub source_cid: ByteArray,
    }

    // By set_current, or by yanking the current version. Version 0: none is current now.
    #[derive(Drop, starknet::Event)]
    pub struct CurrentChanged {
        #[key]
        pub name: felt252,
        #[key]
        pub account: ContractAddress,
        pub version: u32,
        pub previous: u32,
    }

    #[derive(Drop, starknet::Event)]
    pub struct VersionYanked {
        #[key]
        pub name: felt252,
        #[key]
        pub account: ContractAddress,
        pub version: u32,
    }

    #[derive(Drop, starknet::Event)]
    pub struct OwnershipTransferStarted {
        #[key]
        pub name: felt252,
        #[key]
        pub owner: ContractAddress,
        #[key]
        pub pending_owner: ContractAddress,
    }

    #[derive(Drop, starknet::Event)]
    pub struct OwnershipTransferred {
        #[key]
        pub name: felt252,
        #[key]
        pub previous_owner: ContractAddress,
        #[key]
        pub owner: ContractAddress,
    }

    #[derive(Drop, starknet::Event)]
    pub struct MaintainerAdded {
        #[key]
        pub name: felt252,
        #[key]
        pub account: ContractAddress,
    }

    #[derive(Drop, starknet::Event)]
    pub struct MaintainerRemoved {
        #[key]
        pub name: felt252,
        #[key]
        pub account: ContractAddress,
    }

    #[derive(Drop, starknet::Event)]
    pub struct VersionAttested {
        #[key]
        pub name: felt252,
        #[key]
        pub verifier: ContractAddress,
        pub version: u32,
        pub sha256: u256,
    }

    #[abi(embed_v0)]
    impl FunctionRegistryImpl of super::FunctionRegistry<ContractState> {
        fn publish(
            ref self: ContractState,
            name: felt252,
            cid: ByteArray,
            sha256: u256,
            size: u64,
            source_cid: ByteArray
        ) -> u32 {
            assert(sha256 != 0, 'sha256 is missing');
            assert(size != 0, 'size is missing');
            self.add_version(name, cid, sha256, size, source_cid)
        }

        fn set_current(ref self: ContractState, name: felt252, version: u32) {
            self.assert_publisher(name);
            self.assert_version(name, version);
            assert(!self.versions.entry((name, version)).facts.read().yanked, 'version is yanked');
            let previous = self.read_counters(name).current;
            assert(version != previous, 'version is current already');
            self.write_current(name, version);
            self.emit(CurrentChanged { name, account: get_caller_address(), version, previous });
        }

        fn yank(ref self: ContractState, name: felt252, version: u32) {
            self.assert_publisher(name);
            self.assert_version(name, version);
            let account = get_caller_address();
            let facts = self.versions.entry((name, version)).facts.read();
            assert(!facts.yanked, 'version is yanked');
            self.versions.entry((name, version)).facts.write(Facts { yanked: true, ..facts });
            self.emit(VersionYanked { name, account, version });
            if self.read_counters(name).current == version {
                // Gas grows with the yanked versions passed over; set_current before yank goes round that.
                let mut next = version - 1;
                while next != 0 && self.versions.entry((name, next)).facts.read().yanked {
                    next -= 1;
                };
                self.write_current(name, next);
                self.emit(CurrentChanged { name, account, version: next, previous: version });
            }
        }

        fn transfer_ownership(ref self: ContractState, name: felt252, to: ContractAddress) {
            self.assert_owner(name);
            let owner = get_caller_address();
            assert(to != owner, 'already the owner');
            self.pending_owners.entry(name).write(to);
            self.emit(OwnershipTransferStarted { name, owner, pending_owner: to });
        }

        fn accept_ownership(ref self: ContractState, name: felt252) {
            self.assert_exists(name);
            let owner = get_caller_address();
            assert(self.pending_owners.entry(name).read() == owner, 'not the pending owner');
            let StoredFunction { owner: previous_owner, counters } = self.functions.entry(name).read();
            let tenure = counters.tenure + 1;
            self
                .functions
                .entry(name)
                .write(StoredFunction { owner, counters: Counters { tenure, ..counters } });
            self.pending_owners.entry(name).write(nobody());
            self.emit(OwnershipTransferred { name, previous_owner, owner });
        }

        fn add_maintainer(ref self: ContractState, name: felt252, account: ContractAddress) {
            self.assert_owner(name);
            assert(account != nobody(), 'account is zero');
            assert(account != get_caller_address(), 'already the owner');
            assert(!self.is_maintainer(name, account), 'already a maintainer');
            self.maintainers.entry((name, self.read_counters(name).tenure, account)).write(true);
            self.emit(MaintainerAdded { name, account });
        }

        fn remove_maintainer(ref self: ContractState, name: felt252, account: ContractAddress) {
            if account != get_caller_address() {
                self.assert_owner(name);
            }
            assert(self.is_maintainer(name, account), 'not a maintainer');
            self.maintainers.entry((name, self.read_counters(name).tenure, account)).write(false);
            self.emit(MaintainerRemoved { name, account });
        }

        fn attest(ref self: ContractState, name: felt252, version: u32, sha256: u256) {
            self.assert_exists(name);
            self.assert_version(name, version);
            let facts = self.versions.entry((name, version)).facts.read();
            assert(!facts.yanked, 'version is yanked');
            let expected = self.versions.entry((name, version)).sha256.read();
            assert(expected != 0, 'version has no sha256');
            assert(sha256 == expected, 'sha256 does not match');
            let verifier = get_caller_address();
            assert(!self.has_attested(name, version, verifier), 'already attested');
            self.attested.entry((name, version, verifier)).write(true);
            let attestations = facts.attestations + 1;
            self.versions.entry((name, version)).facts.write(Facts { attestations, ..facts });
            self.emit(VersionAttested { name, verifier, version, sha256 });
        }

        fn resolve(self: @ContractState, name: felt252) -> Function {
            self.assert_exists(name);
            let StoredFunction { owner, counters } = self.functions.entry(name).read();
            assert(counters.current != 0, 'no current version');
            let current = self.read_version(name, counters.current);
            Function { name, owner, version_count: counters.version_count, current }
        }

        fn get_version(self: @ContractState, name: felt252, version: u32) -> Version {
            self.assert_exists(name);
            self.assert_version(name, version);
            self.read_version(name, version)
        }

        fn versions(self: @ContractState, name: felt252, offset: u32, limit: u32) -> Array<Version> {
            self.assert_exists(name);
            let count = self.version_count(name);
            let mut page: Array<Version> = array![];
            let mut index = offset;
            while index < count && page.len() < limit {
                index += 1;
                page.append(self.read_version(name, index));
            };
            page
        }

        fn version_count(self: @ContractState, name: felt252) -> u32 {
            self.read_counters(name).version_count
        }

        fn owner_of(self: @ContractState, name: felt252) -> ContractAddress {
            self.functions.entry(name).owner.read()
        }

        fn pending_owner_of(self: @ContractState, name: felt252) -> ContractAddress {
            self.pending_owners.entry(name).read()
        }

        fn is_maintainer(self: @ContractState, name: felt252, account: ContractAddress) -> bool {
            self.maintainers.entry((name, self.read_counters(name).tenure, account)).read()
        }

        fn has_attested(
            self: @ContractState, name: felt252, version: u32, verifier: ContractAddress
        ) -> bool {
            self.attested.entry((name, version, verifier)).read()
        }

        fn function_count(self: @ContractState) -> u32 {
            self.function_count.read()
        }

        fn functions(self: @ContractState, offset: u32, limit: u32) -> Array<ListedFunction> {
            let count = self.function_count.read();
            let mut page: Array<ListedFunction> = array![];
            let mut index = offset;
            while index < count && page.len() < limit {
                page.append(self.read_listed(self.names.entry(index).read()));
                index += 1;
            };
            page
        }
    }

    #[abi(embed_v0)]
    impl WasmCidRegistryImpl of super::WasmCidRegistry<ContractState> {
        fn add_wasm_cid(
            ref self: ContractState, faas_func_name: felt252, wasm_cid_meta_data: WasmCidMetaData
        ) -> bool {
            self.add_version(faas_func_name, join(wasm_cid_meta_data), 0, 0, "");
            true
        }

        fn update_wasm_cid(
            ref self: ContractState, faas_func_name: felt252, wasm_cid_meta_data: WasmCidMetaData
        ) -> bool {
            self.assert_exists(faas_func_name);
            self.add_version(faas_func_name, join(wasm_cid_meta_data), 0, 0, "");
            true
        }

        fn get_wasm_cid(self: @ContractState, faas_func_name: felt252) -> WasmCidMetaData {
            let current = self.read_counters(faas_func_name).current;
            let cid = self.versions.entry((faas_func_name, current)).cid.read();
            let length = cid.len();
            assert(length <= 2 * SHORT_STRING_LENGTH, 'CID is over 62 characters');
            let cut = if length < SHORT_STRING_LENGTH {
                length
            } else {
                SHORT_STRING_LENGTH
            };
            WasmCidMetaData {
                cid_address_part1: short_string(@cid, 0, cut),
                cid_address_part2: short_string(@cid, cut, length),
            }
        }

        fn get_wasmcid_total_count(self: @ContractState) -> u128 {
            self.function_count.read().into()
        }
    }

    #[generate_trait]
    impl Internal of InternalTrait {
        fn add_version(
            ref self: ContractState,
            name: felt252,
            cid: ByteArray,
            sha256: u256,
            size: u64,
            source_cid: ByteArray
        ) -> u32 {
            assert(cid.len() != 0, 'CID is empty');
            assert(cid.len() <= MAX_CID_LENGTH, 'CID is too long');
            assert(source_cid.len() <= MAX_CID_LENGTH, 'source CID is too long');
            let publisher = get_caller_address();
            if self.owner_of(name) == nobody() {
                self.add_name(name, publisher);
            } else {
                self.assert_publisher(name);
            }
            let counters = self.read_counters(name);
            let version = counters.version_count + 1;
            let counters = Counters { version_count: version, current: version, ..counters };
            self.functions.entry(name).counters.write(counters);
            let published_at = get_block_timestamp();
            let facts = Facts { size, published_at, attestations: 0, yanked: false };
            self
                .versions
                .entry((name, version))
                .write(
                    StoredVersion {
                        facts, cid: cid.clone(), sha256, source_cid: source_cid.clone(), publisher
                    }
                );
            self.emit(FunctionPublished { name, publisher, version, cid, sha256, size, source_cid });
            version
        }

        fn add_name(ref self: ContractState, name: felt252, owner: ContractAddress) {
            assert_name(name);
            let index = self.function_count.read();
            self.names.entry(index).write(name);
            self.function_count.write(index + 1);
            self.functions.entry(name).owner.write(owner);
        }

        fn read_counters(self: @ContractState, name: felt252) -> Counters {
            self.functions.entry(name).counters.read()
        }

        fn write_current(ref self: ContractState, name: felt252, current: u32) {
            let counters = self.read_counters(name);
            self.functions.entry(name).counters.write(Counters { current, ..counters });
        }

        fn read_version(self: @ContractState, name: felt252, number: u32) -> Version {
            let StoredVersion { facts, cid, sha256, source_cid, publisher } = self
                .versions
                .entry((name, number))
                .read();
            let Facts { size, published_at, attestations, yanked } = facts;
            Version {
                number, cid, sha256, size, source_cid, publisher, published_at, attestations, yanked
            }
        }

        fn read_listed(self: @ContractState, name: felt252) -> ListedFunction {
            let StoredFunction { owner, counters } = self.functions.entry(name).read();
            let Counters { version_count, current, .. } = counters;
            let version = self.versions.entry((name, current));
            ListedFunction {
                name,
                owner,
                version_count,
                current,
                cid: version.cid.read(),
                sha256: version.sha256.read(),
                size: version.facts.read().size,
            }
        }

        fn assert_exists(self: @ContractState, name: felt252) {
            assert(self.owner_of(name) != nobody(), 'function not found');
        }

        fn assert_version(self: @ContractState, name: felt252, version: u32) {
            assert(version != 0 && version <= self.version_count(name), 'version not found');
        }

        fn assert_owner(self: @ContractState, name: felt252) {
            self.assert_exists(name);
            assert(self.owner_of(name) == get_caller_address(), 'not the owner');
        }

        fn assert_publisher(self: @ContractState, name: felt252) {
            self.assert_exists(name);
            let caller = get_caller_address();
            let may = self.owner_of(name) == caller || self.is_maintainer(name, caller);
            assert(may, 'not an owner or maintainer');
        }
    }

    fn nobody() -> ContractAddress {
        0.try_into().unwrap()
    }

    // 1 to 31 printable ASCII characters without space, slash and backslash. `.` and `..` are refused as
    // well: in a URL or a path they mean something else.
    fn assert_name(name: felt252) {
        assert(name != 0, 'name is empty');
        assert(name != '.' && name != '..', 'name is only dots');
        let mut rest: u256 = name.into();
        while rest != 0 {
            let character = rest % 256;
            let printable = character > ' ' && character <= '~';
            assert(
                printable && character != '/' && character != '\\', 'name has a bad character'
            );
            rest = rest / 256;
        };
    }

    fn join(parts: WasmCidMetaData) -> ByteArray {
        let mut cid: ByteArray = "";
        append_short_string(ref cid, parts.cid_address_part1);
        append_short_string(ref cid, parts.cid_address_part2);
        cid
    }

    fn append_short_string(ref text: ByteArray, word: felt252) {
        let mut rest: u256 = word.into();
        let mut length: u32 = 0;
        while rest != 0 {
            rest = rest / 256;
            length += 1;
        };
        assert(length <= SHORT_STRING_LENGTH, 'CID part is too long');
        text.append_word(word, length);
    }

    fn short_string(text: @ByteArray, from: u32, to: u32) -> felt252 {
        let mut word: felt252 = 0;
        let mut index = from;
        while index < to {
            word = word * 256 + text.at(index).unwrap().into();
            index += 1;
        };
        word
    }
}
