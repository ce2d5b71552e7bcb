// Package wire reads and writes the frames between the engine and its host: a length of four bytes in network order, and
// that many bytes of JSON.
package wire

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// No frame of the host is longer: it answers at most with the files of one render, as base64.
const maxFrame = 256 << 20

// Conn is a pair of streams.
type Conn struct {
	in  *bufio.Reader
	out *bufio.Writer
}

// New returns a connection over these streams.
func New(in io.Reader, out io.Writer) *Conn {
	return &Conn{in: bufio.NewReaderSize(in, 64<<10), out: bufio.NewWriterSize(out, 64<<10)}
}

// Read reads the next frame into the value. It returns io.EOF when the host has closed the stream.
func (c *Conn) Read(value any) error {
	var header [4]byte
	if _, err := io.ReadFull(c.in, header[:]); err != nil {
		return err
	}
	length := binary.BigEndian.Uint32(header[:])
	if length > maxFrame {
		return fmt.Errorf("a frame of %d bytes", length)
	}
	frame := make([]byte, length)
	if _, err := io.ReadFull(c.in, frame); err != nil {
		return err
	}
	return json.Unmarshal(frame, value)
}

// Write writes the value as a frame.
func (c *Conn) Write(value any) error {
	frame, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return c.WriteRaw(frame)
}

// WriteRaw writes parts of JSON as one frame.
func (c *Conn) WriteRaw(parts ...[]byte) error {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	var header [4]byte
	binary.BigEndian.PutUint32(header[:], uint32(length))
	if _, err := c.out.Write(header[:]); err != nil {
		return err
	}
	for _, part := range parts {
		if _, err := c.out.Write(part); err != nil {
			return err
		}
	}
	return c.out.Flush()
}
