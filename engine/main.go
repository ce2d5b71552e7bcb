// Without this the runtime opens files of its cgroup while it runs.
//go:debug updatemaxprocs=0

// slipway-engine renders what strangers wrote. It has no files, no network, no environment and starts no program: its host
// hands it every file over the standard streams, and takes objects. README.md describes what they say to each other.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"

	"slipway/engine/internal/kustomization"
	"slipway/engine/internal/lockdown"
	"slipway/engine/internal/render"
	"slipway/engine/internal/wire"
)

// Versions of what is inside: part of every content key. A test compares them with go.mod.
const (
	protocol         = 1
	kustomizeVersion = "v0.21.1"
	helmVersion      = "v4.3.1"
	jsonnetVersion   = "v0.22.0"
)

// maxStack ends a recursion without end before it takes long.
const maxStack = 64 << 20

func main() {
	memory := flag.Uint64("memory", 512<<20, "bytes of memory that a render may take")
	unlocked := flag.Bool("unlocked", false, "render although the kernel does not lock this process")
	flag.Parse()
	quieten()
	debug.SetMaxStack(maxStack)
	debug.SetMemoryLimit(int64(*memory / 10 * 8))
	kustomization.Warm()
	conn := wire.New(os.Stdin, os.Stdout)
	err := lockdown.Limit(*memory)
	if err == nil {
		err = lockdown.Enter()
	}
	if err != nil && !*unlocked {
		_ = conn.Write(map[string]any{"unlocked": map[string]any{"reason": err.Error()}})
		os.Exit(3)
	}
	ready := map[string]any{"protocol": protocol, "locked": err == nil, "kustomize": kustomizeVersion, "helm": helmVersion, "jsonnet": jsonnetVersion}
	if err := conn.Write(map[string]any{"ready": ready}); err != nil {
		os.Exit(1)
	}
	if err := serve(conn); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(conn *wire.Conn) error {
	for {
		var message struct {
			Render *render.Request `json:"render"`
		}
		err := conn.Read(&message)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if message.Render == nil {
			return errors.New("a frame that is no request")
		}
		if err := render.Serve(conn, *message.Render); err != nil {
			return err
		}
	}
}

// quieten keeps libraries from printing and from dialling: the kernel would refuse it, and the error would be a riddle.
func quieten() {
	log.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	http.DefaultTransport = noNetwork{}
}

type noNetwork struct{}

func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("it is not in the repository")
}
