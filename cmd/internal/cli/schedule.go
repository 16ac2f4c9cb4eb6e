package cli

import (
	"errors"
	"io"
	"io/fs"
	"slices"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// ScheduleSource is what the arguments of a command name: files, directories and standard input, which may be ConfigMap
// manifests.
type ScheduleSource struct {
	Schedule *schedules.Schedule // nil where there are errors
	Files    []source.File       // the schedule files
	Texts    []source.File       // what was read: the files, or the manifests that hold them
	Places   map[string]source.Place
	Problems source.Problems // of the texts
	Unread   error           // what could not be read
}

// LoadSchedule reads the arguments as one schedule and prints its warnings.
func LoadSchedule(args []string, stdin io.Reader, stderr io.Writer) (ScheduleSource, error) {
	return ReadSchedule(args, stdin).Valid(stderr)
}

// Valid returns the source and prints its warnings: keys that run does not read. A schedule that is not valid is an error.
func (s ScheduleSource) Valid(stderr io.Writer) (ScheduleSource, error) {
	switch {
	case s.Unread != nil:
		return ScheduleSource{}, s.Unread
	case s.Schedule == nil:
		return ScheduleSource{}, ExitError{Code: ExitInvalid, Problems: s.Problems, Files: s.Texts}
	}
	warnings := slices.DeleteFunc(slices.Clone(s.Problems), func(p source.Problem) bool { return p.Severity != source.SeverityWarning })
	if len(warnings) > 0 {
		PrintProblems(stderr, s.Texts, warnings)
	}
	return s, nil
}

// Missing reports whether there is no schedule: no file, or none among its manifests or in its directory.
func (s ScheduleSource) Missing() bool {
	if s.Unread != nil {
		return errors.Is(s.Unread, fs.ErrNotExist)
	}
	return len(s.Files) == 0 && !slices.ContainsFunc(s.Problems, func(p source.Problem) bool {
		return p.Severity == source.SeverityError && p.Rule != config.RuleNoFile && p.Rule != config.RuleNoSchedule
	})
}

// ReadSchedule reads the arguments as one schedule.
func ReadSchedule(args []string, stdin io.Reader) ScheduleSource {
	s := ScheduleSource{}
	for _, arg := range args {
		texts, err := readArgument(arg, stdin, config.ReadManifests, config.ReadFrom)
		if found := source.Problems(nil); errors.As(err, &found) {
			s.Problems = append(s.Problems, found...)
			continue
		}
		if err != nil {
			s.Unread = errors.Join(s.Unread, err)
			continue
		}
		files, problems := config.Unwrap(texts...)
		s.Texts, s.Files = append(s.Texts, texts...), append(s.Files, files...)
		s.Problems = append(s.Problems, problems...)
	}
	return s.Parsed()
}

// Parsed makes one schedule of the files.
func (s ScheduleSource) Parsed() ScheduleSource {
	schedule, places, err := config.ParseWithPlaces(s.Files...)
	if found := source.Problems(nil); errors.As(err, &found) {
		s.Problems = append(s.Problems, found...)
	}
	if s.Unread == nil && s.Problems.Errors() == 0 {
		s.Schedule, s.Places = schedule, places
	}
	return s
}
