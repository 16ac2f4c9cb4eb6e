package main

import (
	"errors"
	"io"
	"io/fs"
	"slices"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// standardInput is how problems call what is read from there.
const standardInput = "<stdin>"

// source is a schedule as the arguments of a command name it: files, directories, standard input, and ConfigMap manifests
// among them.
type source struct {
	schedule *schedules.Schedule // nil where there are errors
	files    []config.File       // the schedule files
	texts    []config.File       // what was read: the files, or the manifests in which they stand
	places   map[string]config.Place
	problems config.Problems // errors, warnings and notes; they lie in the texts
	unread   error           // what could not be read
}

// readSource reads the arguments as one schedule, and prints what is wrong with it.
func readSource(args []string, stdin io.Reader, stderr io.Writer) (source, error) {
	return readSchedules(args, stdin).valid(stderr)
}

// valid returns the source, or prints what is wrong with it.
func (s source) valid(stderr io.Writer) (source, error) {
	switch {
	case s.unread != nil:
		return source{}, exitError{exitFailed, s.unread}
	case s.schedule == nil:
		printProblems(stderr, s.texts, s.problems)
		return source{}, exitError{code: exitInvalid}
	default:
		if warnings := s.warnings(); len(warnings) > 0 {
			printProblems(stderr, s.texts, warnings)
		}
		return s, nil
	}
}

// warnings are those of reading: what is written where run does not look for it.
func (s source) warnings() config.Problems {
	return slices.DeleteFunc(slices.Clone(s.problems), func(p config.Problem) bool { return p.Severity != config.SeverityWarning })
}

// missing says whether there is no schedule: no file, or none among its manifests or in its directory.
func (s source) missing() bool {
	if s.unread != nil {
		return errors.Is(s.unread, fs.ErrNotExist)
	}
	return len(s.files) == 0 && !slices.ContainsFunc(s.problems, func(p config.Problem) bool {
		return p.Severity == config.SeverityError && p.Rule != config.RuleNoFile && p.Rule != config.RuleNoSchedule
	})
}

// readSchedules reads the arguments as one schedule.
func readSchedules(args []string, stdin io.Reader) source {
	s := source{}
	for _, arg := range args {
		texts, err := readArgument(arg, stdin)
		if found := config.Problems(nil); errors.As(err, &found) {
			s.problems = append(s.problems, found...)
			continue
		} else if err != nil {
			s.unread = errors.Join(s.unread, err)
			continue
		}
		files, problems := config.Unwrap(texts...)
		s.texts, s.files = append(s.texts, texts...), append(s.files, files...)
		s.problems = append(s.problems, problems...)
	}
	return s.parsed()
}

// parsed makes one schedule of the files.
func (s source) parsed() source {
	schedule, places, err := config.ParseWithPlaces(s.files...)
	if found := config.Problems(nil); errors.As(err, &found) {
		s.problems = append(s.problems, found...)
	}
	if s.unread == nil && s.problems.Errors() == 0 {
		s.schedule, s.places = schedule, places
	}
	return s
}

func readArgument(arg string, stdin io.Reader) ([]config.File, error) {
	if arg != "-" {
		return config.ReadManifests(arg)
	}
	file, err := config.ReadFrom(stdin, standardInput)
	return []config.File{file}, err
}
