// Command write writes the samples into a directory, as pages and as pictures, for the tests in a browser.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	_ "time/tzdata" // the samples' time zones, wherever this runs

	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline/samples"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: write DIRECTORY")
		os.Exit(2)
	}
	for _, name := range samples.Names() {
		if err := write(os.Args[1], name); err != nil {
			fmt.Fprintln(os.Stderr, "write:", err)
			os.Exit(1)
		}
	}
}

func write(dir, name string) error {
	document, err := samples.Document(name)
	if err != nil {
		return fmt.Errorf("cannot make the sample %s: %w", name, err)
	}
	for suffix, draw := range map[string]func(io.Writer, *timeline.Document) error{".html": timeline.Page, ".svg": timeline.SVG} {
		file, err := os.Create(filepath.Join(dir, name+suffix))
		if err != nil {
			return err
		}
		if err := draw(file, document); err != nil {
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	return nil
}
