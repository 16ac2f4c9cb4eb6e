package page_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
)

// TestMain runs the tests, unless test/browser names a directory: then it writes the samples there, as pages and as
// pictures, and serves them, as the product serves its page, until standard input ends.
func TestMain(m *testing.M) {
	dir := os.Getenv("FLOORKEEPER_SAMPLES")
	if dir == "" {
		os.Exit(m.Run())
	}
	err := writeSamples(dir)
	if err == nil {
		err = serveSamples(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func writeSamples(dir string) error {
	for _, name := range samples() {
		document, err := sampleOf(name)
		if err != nil {
			return fmt.Errorf("cannot make the sample %s: %w", name, err)
		}
		document.Controls = nil // a file has no form
		for suffix, draw := range map[string]func(io.Writer, *page.Document) error{".html": page.HTML, ".svg": page.SVG} {
			if err := writeSample(filepath.Join(dir, name+suffix), document, draw); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeSample(path string, document *page.Document, draw func(io.Writer, *page.Document) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := draw(file, document); err != nil {
		return err
	}
	return file.Close()
}

// serveSamples serves each sample below /NAME/ as the product serves its page, and the files below /file/.
func serveSamples(dir string) error {
	mux := http.NewServeMux()
	mux.Handle("/file/", http.StripPrefix("/file/", http.FileServer(http.Dir(dir))))
	for _, name := range samples() {
		render := func(context.Context, page.Query) (*page.Document, error) { return sampleOf(name) }
		mux.Handle("/"+name+"/", http.StripPrefix("/"+name, page.Handler(render, "2d")))
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // whoever started this has gone when it ends
		cancel()
	}()
	listener, err := page.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	return page.Serve(ctx, listener, mux)
}
