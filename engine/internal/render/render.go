// Package render does one request after the other.
package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"slipway/engine/internal/chart"
	"slipway/engine/internal/failure"
	"slipway/engine/internal/jsonnet"
	"slipway/engine/internal/kustomization"
	"slipway/engine/internal/manifest"
	"slipway/engine/internal/plain"
	"slipway/engine/internal/repository"
	"slipway/engine/internal/wire"
)

// Limits of one request; files are counted by the host.
type Limits struct {
	Objects     int `json:"objects"`
	OutputBytes int `json:"outputBytes"`
	TimeMs      int `json:"timeMs"`
}

// Request is what the host wants to have rendered.
type Request struct {
	Renderer    string   `json:"renderer"`
	Path        string   `json:"path"`
	Namespace   string   `json:"namespace"`
	ReleaseName string   `json:"releaseName"`
	IsUpgrade   bool     `json:"isUpgrade"`
	Revision    int      `json:"revision"`
	Values      []string `json:"values"`
	Jsonnet     struct {
		TopLevel  map[string]any `json:"topLevel"`
		External  map[string]any `json:"external"`
		Libraries []string       `json:"libraries"`
	} `json:"jsonnet"`
	Limits Limits `json:"limits"`
}

// keptMemory is what a process may have between two renders; one that has more is replaced.
const keptMemory = 60 << 20

// batch is how many bytes of objects one frame has, so that the host never parses long at a time.
const batch = 256 << 10

type outcome struct {
	objects  []manifest.Object
	warnings []string
	replace  bool
	failure  *failure.Failure
}

// Serve answers one request.
func Serve(conn *wire.Conn, request Request) error {
	if request.Limits.TimeMs > 0 {
		// The host ends a render that takes too long; this is for a host that has gone.
		watch := time.AfterFunc(2*time.Duration(request.Limits.TimeMs)*time.Millisecond, func() { os.Exit(3) })
		defer watch.Stop()
	}
	remote := &repository.Remote{Conn: conn}
	result := run(remote, request)
	if remote.Broken != nil {
		return remote.Broken
	}
	if result.failure == nil {
		result.failure = within(result.objects, request)
	}
	result.replace = result.replace || grown()
	if result.failure != nil {
		return conn.Write(map[string]any{"failed": failed{result.failure, result.replace}})
	}
	if err := send(conn, result.objects); err != nil {
		return err
	}
	done := map[string]any{"warnings": result.warnings, "replace": result.replace}
	return conn.Write(map[string]any{"done": done})
}

type failed struct {
	*failure.Failure
	Replace bool `json:"replace"`
}

func run(remote *repository.Remote, request Request) (result outcome) {
	defer func() {
		if caught := recover(); caught != nil {
			fault := failure.New(failure.Failed, request.Path, "the render engine met files that it cannot deal with")
			result = outcome{failure: fault, replace: true}
		}
	}()
	files := repository.New(remote)
	switch request.Renderer {
	case "plain":
		objects, f := plain.Render(files, request.Path)
		return outcome{objects: objects, failure: f}
	case "kustomize":
		made, f := kustomization.Render(files, request.Path, remote.Cluster)
		if made == nil {
			return outcome{failure: f}
		}
		return outcome{objects: made.Objects, warnings: made.Warnings, replace: made.Replace, failure: f}
	case "helm":
		made, f := chart.Render(files, chartRequest(remote, request))
		if f != nil {
			return outcome{failure: f}
		}
		return outcome{objects: made.Objects, warnings: made.Warnings}
	case "jsonnet":
		objects, f := jsonnet.Render(files, jsonnet.Request{
			Folder: request.Path, TopLevel: request.Jsonnet.TopLevel,
			External: request.Jsonnet.External, Libraries: request.Jsonnet.Libraries,
		})
		return outcome{objects: objects, failure: f}
	}
	return outcome{failure: failure.New(failure.Failed, request.Path, fmt.Sprintf("there is no renderer %s", request.Renderer))}
}

func chartRequest(remote *repository.Remote, request Request) chart.Request {
	return chart.Request{
		Folder: request.Path, ReleaseName: request.ReleaseName, Namespace: request.Namespace,
		IsUpgrade: request.IsUpgrade, Revision: request.Revision,
		ValuesFiles: request.Values, IncludeCRDs: true, Cluster: remote.Cluster,
		OutputBytes: request.Limits.OutputBytes,
	}
}

func within(objects []manifest.Object, request Request) *failure.Failure {
	limits := request.Limits
	if limits.Objects > 0 && len(objects) > limits.Objects {
		return failure.New(failure.Limit, request.Path, fmt.Sprintf("the app has more than %d objects", limits.Objects))
	}
	total := 0
	for _, object := range objects {
		total += len(object.JSON)
	}
	if limits.OutputBytes > 0 && total > limits.OutputBytes {
		return failure.New(failure.Limit, request.Path,
			fmt.Sprintf("the render wrote more than %d bytes", limits.OutputBytes))
	}
	return nil
}

func send(conn *wire.Conn, objects []manifest.Object) error {
	var frame bytes.Buffer
	flush := func() error {
		if frame.Len() == 0 {
			return nil
		}
		err := conn.WriteRaw([]byte(`{"objects":[`), frame.Bytes(), []byte(`]}`))
		frame.Reset()
		return err
	}
	for _, object := range objects {
		if frame.Len() > 0 {
			frame.WriteByte(',')
		}
		frame.WriteString(`{"object":`)
		frame.Write(object.JSON)
		writeText(&frame, "file", object.File)
		if object.Line > 0 {
			fmt.Fprintf(&frame, `,"line":%d`, object.Line)
		}
		writeText(&frame, "through", object.Through)
		frame.WriteByte('}')
		if frame.Len() > batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func writeText(frame *bytes.Buffer, key, text string) {
	if text == "" {
		return
	}
	encoded, err := json.Marshal(text)
	if err == nil {
		fmt.Fprintf(frame, `,"%s":%s`, key, encoded)
	}
}

// grown tells whether the process has more memory than it may keep, after it gave back what it could.
func grown() bool {
	if resident() <= keptMemory {
		return false
	}
	debug.FreeOSMemory()
	return resident() > keptMemory
}

func resident() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.Sys - memory.HeapReleased
}
