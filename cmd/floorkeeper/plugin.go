package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// pluginName is how kubectl finds the program, and krew installs it.
const pluginName = "kubectl-floorkeeper"

// asPlugin makes the help of all commands speak of kubectl floorkeeper, where the program was started under the name by
// which kubectl finds it.
func asPlugin(root *cobra.Command, program string) {
	if strings.TrimSuffix(filepath.Base(program), ".exe") != pluginName {
		return
	}
	root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl floorkeeper"}
	for _, cmd := range root.Commands() {
		speakOfKubectl(cmd, "floorkeeper "+cmd.Name())
	}
}

// speakOfKubectl makes the examples of a command and of those below it call it through kubectl.
func speakOfKubectl(cmd *cobra.Command, call string) {
	cmd.Example = strings.ReplaceAll(cmd.Example, call, "kubectl "+call)
	for _, below := range cmd.Commands() {
		speakOfKubectl(below, call)
	}
}
