// A function in C on wasi-libc's calls, by its own imports: each export does one thing with the paths in its input.

import { compileC } from './plugins.ts'

/** Each export takes `PATH` or `PATH CONTENT` below the first folder; says what was read, or `errno N`. */
export function compileFilesPlugin(): Promise<Uint8Array> {
  return compileC(`
WASI(path_open) u32 path_open(u32, u32, const char*, u32, u32, u64, u64, u32, u32*);
WASI(fd_read) u32 fd_read(u32, u32*, u32, u32*);
WASI(fd_write) u32 fd_write(u32, u32*, u32, u32*);
WASI(fd_prestat_get) u32 fd_prestat_get(u32, u32*);
WASI(path_rename) u32 path_rename(u32, const char*, u32, u32, const char*, u32);
WASI(path_filestat_get) u32 path_filestat_get(u32, u32, const char*, u32, u64*);
WASI(path_unlink_file) u32 path_unlink_file(u32, const char*, u32);
WASI(path_create_directory) u32 path_create_directory(u32, const char*, u32);
static char in[4096]; static u32 first, whole; static char out[4096];
static void load(void) { whole = host_input_length(); first = whole;
  for (u32 i = 0; i < whole; i++) { in[i] = host_input_load_u8(i); if (in[i] == ' ' && first == whole) first = i; } }
static int done(u32 n) { char s[] = "errno 00"; s[6] += n / 10; s[7] += n % 10; say(n ? s : "ok"); return 0; }
static u32 open(u32 flags, u64 rights, u32 *fd) { load(); return path_open(3, 1, in, first, flags, rights, 0, 0, fd); }
EXPORT(reads) int reads(void) { u32 fd, n = 0, e = open(0, 2, &fd); if (e) return done(e);
  u32 v[2] = { (u32)out, 4095 }; e = fd_read(fd, v, 1, &n); if (e) return done(e); out[n] = 0; say(out); return 0; }
EXPORT(writes) int writes(void) { u32 fd, n, e = open(9, 64, &fd); if (e) return done(e);
  u32 v[2] = { (u32)in + first + 1, whole - first - 1 }; return done(fd_write(fd, v, 1, &n)); }
EXPORT(traps) int traps(void) { u32 fd; open(0, 2, &fd); __builtin_trap(); }
EXPORT(spins) int spins(void) { u32 fd; open(0, 2, &fd); for (volatile u32 i = 0;; i++); }
EXPORT(many) int many(void) { u32 fd; for (;;) { u32 e = open(0, 2, &fd); if (e) return done(e); } }
EXPORT(stats) int stats(void) { u64 s[8]; load(); return done(path_filestat_get(3, 1, in, first, s)); }
EXPORT(unlinks) int unlinks(void) { load(); return done(path_unlink_file(3, in, first)); }
EXPORT(makes) int makes(void) { load(); return done(path_create_directory(3, in, first)); }
EXPORT(renames) int renames(void) { load();
  return done(path_rename(3, in, first, 3, in + first + 1, whole - first - 1)); }
EXPORT(wild) int wild(void) { load(); return done(path_open(3, 1, in, first, 9, 64, 0, 0, (u32*)0xfffffff0u)); }
EXPORT(none) int none(void) { u32 s[2]; return done(fd_prestat_get(3, s)); }
`)
}

/** In Go, by its `os` package: does the whole round below /data, and says what it saw. */
export const goFiles = `package main

import ("fmt"; "os"; "strings")

//go:wasmimport extism:host/env alloc
func alloc(size uint64) uint64
//go:wasmimport extism:host/env store_u8
func store(handle uint64, value uint32)
//go:wasmimport extism:host/env output_set
func outputSet(handle uint64, size uint64)

func say(text string) {
	handle := alloc(uint64(len(text)))
	for i := 0; i < len(text); i++ { store(handle+uint64(i), uint32(text[i])) }
	outputSet(handle, uint64(len(text)))
}

//go:wasmexport round
func round() int32 {
	seed, err := os.ReadFile("/data/seed.txt")
	if err != nil { say("error: " + err.Error()); return 0 }
	steps := []error{
		os.Mkdir("/data/made", 0o755),
		os.WriteFile("/data/made/one", []byte(strings.Repeat("x", 100000)), 0o644),
		os.WriteFile("/data/made/two", seed, 0o644),
		os.Rename("/data/made/two", "/data/made/three"),
		os.Truncate("/data/made/one", 7),
	}
	file, err := os.OpenFile("/data/made/three", os.O_APPEND|os.O_WRONLY, 0)
	steps = append(steps, err)
	file.WriteString("!")
	file.Close()
	names := []string{}
	entries, err := os.ReadDir("/data/made")
	for _, entry := range entries {
		info, _ := entry.Info()
		names = append(names, fmt.Sprint(entry.Name(), info.Size(), entry.IsDir()))
	}
	three, _ := os.ReadFile("/data/made/three")
	steps = append(steps, err, os.Remove("/data/made/one"), os.Remove("/data/made/three"), os.Remove("/data/made"))
	say(fmt.Sprint(string(seed), " ", string(three), " ", names, steps))
	return 0
}

func main() {}
`
