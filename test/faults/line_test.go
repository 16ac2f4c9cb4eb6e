package faults

import (
	"io"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// line is a connection from an API server to etcd, which can be as slow as a disk or a network that is in trouble: what
// the API server asks arrives late.
type line struct {
	socket string
	delay  atomic.Int64 // nanoseconds
}

// slow makes the line take a time for each request.
func (l *line) slow(delay time.Duration) { l.delay.Store(int64(delay)) }

// startLine starts a line to the socket of etcd.
func startLine(t *testing.T, etcd string) *line {
	t.Helper()
	l := &line{socket: filepath.Join(filepath.Dir(etcd), "line.sock")}
	listener, err := net.Listen("unix", l.socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			to, err := net.Dial("unix", etcd)
			if err != nil {
				_ = from.Close()
				continue
			}
			go l.carry(to, from)
			go func() {
				_, _ = io.Copy(from, to)
				_ = from.Close()
			}()
		}
	}()
	return l
}

// parcel is a piece of what is sent, and when it arrives.
type parcel struct {
	data []byte
	due  time.Time
}

// carry brings what is sent to its receiver, in order and after the delay of the time when it was sent.
func (l *line) carry(to io.WriteCloser, from io.ReadCloser) {
	parcels := make(chan parcel, 10_000)
	go func() {
		defer close(parcels)
		for {
			data := make([]byte, 32<<10)
			n, err := from.Read(data)
			if err != nil {
				return
			}
			parcels <- parcel{data[:n], time.Now().Add(time.Duration(l.delay.Load()))}
		}
	}()
	for p := range parcels {
		<-time.After(time.Until(p.due))
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	_, _ = to.Close(), from.Close()
	for range parcels {
	}
}
