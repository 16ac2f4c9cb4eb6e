// Command check reads a configuration of GoReleaser from its standard input as GoReleaser does, which knows all keys and
// refuses others, and writes it to its standard output as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

func main() {
	project, err := config.LoadReader(os.Stdin)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(project)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
