package validate

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/text"
)

// writeGitHub writes problems as workflow commands, which GitHub Actions shows on the lines of a pull request:
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. How many there are goes to
// standard error.
func (r *report) writeGitHub(stdout, stderr io.Writer) {
	problems := r.problems()
	for _, d := range problems {
		command := map[source.Severity]string{source.SeverityError: "error", source.SeverityWarning: "warning", source.SeverityNote: "notice"}[d.Severity]
		var properties []string
		if d.File != "" && d.File != cli.StandardInput {
			properties = append(properties, "file="+property(repositoryPath(d.File)))
		}
		if d.Line > 0 && len(properties) > 0 {
			properties = append(properties, fmt.Sprintf("line=%d,col=%d", d.Line, d.Column))
		}
		properties = append(properties, "title="+property(d.Rule))
		fmt.Fprintf(stdout, "::%s %s::%s\n", command, strings.Join(properties, ","), commandData(d.Message))
	}
	switch {
	case len(problems) > 0:
		fmt.Fprintln(stderr, cli.Tally(problems))
	case r.Schedule != nil:
		fmt.Fprintln(stderr, "valid")
	}
}

// commandData escapes the message of a workflow command.
func commandData(message string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(maskedLines(message))
}

func property(message string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(commandData(message))
}

func maskedLines(message string) string {
	lines := strings.Split(message, "\n")
	for i, line := range lines {
		lines[i] = text.Masked(strings.TrimRight(line, "\r"))
	}
	return strings.Join(lines, "\n")
}

// repositoryPath returns the path of a file as a repository has it: relative to GITHUB_WORKSPACE, where Actions checks it
// out, else to the working directory.
func repositoryPath(path string) string {
	root := os.Getenv("GITHUB_WORKSPACE")
	absolute, err := filepath.Abs(path)
	if err == nil && root == "" {
		root, err = os.Getwd()
	}
	if err == nil {
		if relative, err := filepath.Rel(root, absolute); err == nil {
			path = relative
		}
	}
	return filepath.ToSlash(path)
}
