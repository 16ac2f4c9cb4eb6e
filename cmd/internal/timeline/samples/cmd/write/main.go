// Command write writes the samples into a directory, as pages and as pictures, for the tests in a browser. With -serve,
// they are served as well, as the product serves its page, until standard input ends.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	_ "time/tzdata" // the samples' time zones, wherever this runs

	"github.com/floorkeeper/floorkeeper/cmd/internal/pageserver"
	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline/samples"
)

func main() {
	serving := flag.Bool("serve", false, "serve them too, each below its name; print the address")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: write [-serve] DIRECTORY")
		os.Exit(2)
	}
	err := writeAll(flag.Arg(0))
	if err == nil && *serving {
		err = serve(flag.Arg(0))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "write:", err)
		os.Exit(1)
	}
}

func writeAll(dir string) error {
	for _, name := range samples.Names() {
		document, err := samples.Document(name)
		if err != nil {
			return fmt.Errorf("cannot make the sample %s: %w", name, err)
		}
		document.Controls = nil // a file has no form
		for suffix, draw := range map[string]func(io.Writer, *timeline.Document) error{".html": timeline.Page, ".svg": timeline.SVG} {
			if err := write(filepath.Join(dir, name+suffix), document, draw); err != nil {
				return err
			}
		}
	}
	return nil
}

func write(path string, document *timeline.Document, draw func(io.Writer, *timeline.Document) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := draw(file, document); err != nil {
		return err
	}
	return file.Close()
}

// serve serves each sample below /NAME/ as the product serves its page, and the files below /file/.
func serve(dir string) error {
	mux := http.NewServeMux()
	mux.Handle("/file/", http.StripPrefix("/file/", http.FileServer(http.Dir(dir))))
	for _, name := range samples.Names() {
		render := func(context.Context, pageserver.Query) (*timeline.Document, error) { return samples.Document(name) }
		mux.Handle("/"+name+"/", http.StripPrefix("/"+name, pageserver.Handler(render, "2d")))
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // whoever started this has gone when it ends
		cancel()
	}()
	listener, err := pageserver.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	return pageserver.Serve(ctx, listener, mux)
}
