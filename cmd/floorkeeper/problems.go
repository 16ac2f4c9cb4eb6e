package main

import (
	"fmt"
	"io"

	"github.com/floorkeeper/floorkeeper/config"
)

// printProblems prints problems as compilers do.
func printProblems(w io.Writer, files []config.File, problems config.Problems) {
	for _, p := range problems {
		fmt.Fprintln(w, p)
	}
}
