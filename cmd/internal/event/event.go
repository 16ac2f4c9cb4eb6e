// Package event is floorkeeper event: it adds events to a schedule file, moves their ends and prunes old ones.
package event

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/edit"
	"github.com/floorkeeper/floorkeeper/config/source"
)

type editOptions struct {
	paths  []string // of the one file
	dryRun bool
}

// NewCommand returns floorkeeper event.
func NewCommand(now func() time.Time) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "event",
		Short: "Add, extend, end or remove events of a schedule file", Annotations: cli.Documented("schedule.md"),
		Long: `Edit the events of a schedule file in place. Comments, order, indentation and all else stay as they
are, byte for byte. The result is checked before the file is replaced, which happens at once or not at
all: whoever reads it meanwhile sees the old file or the new one.

Only the file is edited. Commit it, or apply it, as you do after an edit by hand.

Exit codes: as the help of each command says; 2 the command line is wrong.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("event has no command %q; it has add, extend, end and prune, see event --help", args[0])
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error {
			return errors.New("say what to do: event add, extend, end or prune; see event --help")
		},
	}
	cmd.AddCommand(newAddCommand(now), newExtendCommand(now), newEndCommand(now), newPruneCommand(now))
	return cmd
}

func (o *editOptions) bind(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&o.paths, "file", "f", nil, "the schedule `FILE`, or a ConfigMap manifest; - reads standard input and writes to standard output (required)")
	flags.BoolVar(&o.dryRun, "dry-run", false, "print what would change, as a diff, and write nothing")
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("cannot use %q: %s takes flags only, and the file with -f; see %s --help", args[0], cmd.Name(), cmd.CommandPath())
	}
	return nil
}

func (o *editOptions) piped() bool { return o.paths[0] == "-" }

func (o *editOptions) read(stdin io.Reader) (source.File, error) {
	switch len(o.paths) {
	case 0:
		return source.File{}, errors.New("say which file to edit: -f FILE, or -f - for standard input")
	case 1:
	default:
		return source.File{}, fmt.Errorf("-f is given %d times, and one file is edited at a time", len(o.paths))
	}
	path := o.paths[0]
	switch info, err := os.Stat(path); {
	case path == "":
		return source.File{}, errors.New("the name of the file is empty; give -f FILE, or -f - for standard input")
	case o.piped():
		return config.ReadFrom(stdin, cli.StandardInput)
	case err == nil && info.IsDir():
		return source.File{}, fmt.Errorf("%s is a directory; give the one file in it that is to be edited with -f", path)
	case err == nil && !info.Mode().IsRegular() && !o.dryRun:
		return source.File{}, fmt.Errorf("%s is no file that can be replaced; use -f -, which reads standard input and writes the "+
			"result to standard output", path)
	}
	files, err := config.ReadManifests(path)
	if err != nil {
		return source.File{}, err
	}
	return files[0], nil
}

// perform reads the file, lets change edit it, and writes the result. What summarize writes goes to
// standard output, or to standard error where the result goes there.
func (o *editOptions) perform(cmd *cobra.Command, change func(source.File) (*edit.Change, error), summarize func(io.Writer, *edit.Change)) error {
	file, err := o.read(cmd.InOrStdin())
	if err != nil {
		return err
	}
	result, err := change(file)
	if wrong := (edit.EventProblems{}); errors.As(err, &wrong) { // of the flags
		return cli.ExitError{Code: cli.ExitFailed, Problems: wrong.Problems}
	}
	if problems := source.Problems(nil); errors.As(err, &problems) {
		return cli.ExitError{
			Code: cli.ExitInvalid, Problems: problems, Files: []source.File{file},
			Err: fmt.Errorf("%s is not a valid schedule and was left as it is", file.Name),
		}
	}
	if err != nil {
		return err
	}
	out, notes := cmd.OutOrStdout(), cmd.OutOrStdout()
	if o.piped() || o.dryRun {
		notes = cmd.ErrOrStderr()
	}
	switch {
	case o.dryRun:
		_, err = io.WriteString(out, result.Diff())
	case o.piped():
		_, err = out.Write(result.After.Data)
	case len(result.Events) > 0:
		err = o.replace(result)
	}
	if err != nil {
		return err
	}
	summarize(notes, result)
	return nil
}

// replace writes the file, or returns what to do where it cannot be replaced: it may be mounted by itself, or its directory
// be read-only.
func (o *editOptions) replace(change *edit.Change) error {
	err := change.Replace()
	if err == nil || errors.Is(err, edit.ErrTryAgain) {
		return err
	}
	return fmt.Errorf("%w; to write the result elsewhere: -f - < %s > NEW", err, o.paths[0])
}
