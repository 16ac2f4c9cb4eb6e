package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestTheHelpOfThePluginSpeaksOfKubectl(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		"/usr/bin/kubectl-floorkeeper": "  kubectl floorkeeper status -A\n", `kubectl-floorkeeper.exe`: "  kubectl floorkeeper status -A\n",
		"bin/floorkeeper": "  floorkeeper status -A\n",
	} {
		root := newRootCommand(time.Now)
		asPlugin(root, program, nil)
		root.SetArgs([]string{"status", "--help"})
		var out bytes.Buffer
		root.SetOut(&out)
		if err := root.ExecuteContext(t.Context()); err != nil || !strings.Contains(out.String(), "\n"+want) {
			t.Errorf("%s: %v: %s", program, err, out.String())
		}
	}
}
