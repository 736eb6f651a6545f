// A function in Go that binds the Extism ABI by hand and uses what WASI gives: clock, random bytes, output, exit.

export const goPlugin = `package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"time"
)

//go:wasmimport extism:host/env input_length
func inputLength() uint64

//go:wasmimport extism:host/env input_load_u8
func inputLoad(offset uint64) uint32

//go:wasmimport extism:host/env alloc
func alloc(size uint64) uint64

//go:wasmimport extism:host/env store_u8
func store(handle uint64, value uint32)

//go:wasmimport extism:host/env output_set
func outputSet(handle uint64, size uint64)

//go:wasmimport extism:host/env error_set
func errorSet(handle uint64)

func input() string {
	bytes := make([]byte, inputLength())
	for i := range bytes {
		bytes[i] = byte(inputLoad(uint64(i)))
	}
	return string(bytes)
}

func block(text string) uint64 {
	handle := alloc(uint64(len(text)))
	for i := 0; i < len(text); i++ {
		store(handle+uint64(i), uint32(text[i]))
	}
	return handle
}

func say(text string) {
	outputSet(block(text), uint64(len(text)))
}

var calls = 0

//go:wasmexport greet
func greet() int32 {
	say("Hello from Go, " + input() + "!")
	return 0
}

//go:wasmexport calls_so_far
func callsSoFar() int32 {
	calls++
	say(fmt.Sprint(calls))
	return 0
}

//go:wasmexport refuse
func refuse() int32 {
	errorSet(block("Go says no"))
	return 1
}

//go:wasmexport panics
func panics() int32 {
	panic("Go gives up on " + input())
}

//go:wasmexport exits
func exits() int32 {
	fmt.Fprintln(os.Stderr, "leaving now")
	os.Exit(3)
	return 0
}

//go:wasmexport leaves
func leaves() int32 {
	say("left")
	os.Exit(0)
	return 0
}

//go:wasmexport prints
func prints() int32 {
	fmt.Print("one\\ntwo")
	fmt.Fprintln(os.Stderr, "three")
	return 0
}

//go:wasmexport world
func world() int32 {
	bytes := make([]byte, 100000)
	_, err := rand.Read(bytes)
	zeros := 0
	for _, value := range bytes {
		if value == 0 {
			zeros++
		}
	}
	_, missing := os.ReadFile("/etc/hostname")
	begun := time.Now()
	time.Sleep(5 * time.Millisecond)
	say(fmt.Sprint(len(os.Args), len(os.Environ()), time.Now().Year() > 2020, err, zeros < 1000,
		missing != nil, time.Since(begun) >= 5*time.Millisecond))
	return 0
}

//go:wasmexport hoards
func hoards() int32 {
	kept := [][]byte{}
	for {
		kept = append(kept, make([]byte, 1<<20))
	}
}

func main() {}
`
