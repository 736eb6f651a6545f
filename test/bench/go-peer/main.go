// The serving half as it is done today, to be compared with: Fiber, the Extism Go SDK on wazero, one plugin behind
// a mutex. Usage: go-peer MODULE EXPORT; prints the port it listens on, and answers POST / with the export's output.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"sync"

	extism "github.com/extism/go-sdk"
	"github.com/gofiber/fiber/v2"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go-peer MODULE EXPORT")
	}
	manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmFile{Path: os.Args[1]}}}
	plugin, err := extism.NewPlugin(context.Background(), manifest, extism.PluginConfig{EnableWasi: true}, nil)
	if err != nil {
		log.Fatal(err)
	}
	var turn sync.Mutex
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Post("/", func(c *fiber.Ctx) error {
		turn.Lock()
		defer turn.Unlock()
		_, output, err := plugin.Call(os.Args[2], c.Body())
		if err != nil {
			return c.Status(fiber.StatusInternalServerError).SendString(err.Error())
		}
		return c.Send(output)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(app.Listener(listener))
}
