package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
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
	Accepted []*config.Acceptance
	Problems source.Problems // of the texts
	Unread   error           // what could not be read
}

// Valid returns the source and prints its warnings: keys that run does not read. A schedule that is not valid is an error.
func (s ScheduleSource) Valid(stderr io.Writer) (ScheduleSource, error) {
	switch {
	case s.Unread != nil:
		return ScheduleSource{}, s.Unread
	case s.Schedule == nil:
		return ScheduleSource{}, ExitError{Code: ExitInvalid, Problems: s.Problems, Files: s.Texts}
	}
	if warnings := s.Problems.Of(source.SeverityWarning); len(warnings) > 0 {
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
		texts, err := readTexts(arg, stdin)
		if found := source.Problems(nil); errors.As(err, &found) {
			s.Problems = append(s.Problems, found...)
			continue
		}
		if err != nil {
			s.Unread = errors.Join(s.Unread, err)
			continue
		}
		s.Problems = append(s.Problems, slices.DeleteFunc(config.Unread(arg), func(p source.Problem) bool {
			return slices.ContainsFunc(args, func(other string) bool { return filepath.Clean(other) == p.File })
		})...)
		files, problems := config.Unwrap(texts...)
		s.Texts, s.Files = append(s.Texts, texts...), append(s.Files, files...)
		s.Problems = append(s.Problems, problems...)
	}
	return s.Parsed()
}

func readTexts(arg string, stdin io.Reader) ([]source.File, error) {
	if arg != "-" {
		files, err := config.ReadManifests(arg)
		return files, asPattern(arg, err)
	}
	file, err := config.ReadFrom(stdin, StandardInput)
	return []source.File{file}, err
}

// Parsed makes one schedule of the files.
func (s ScheduleSource) Parsed() ScheduleSource {
	parsed, err := config.Open(s.Files...)
	if found := source.Problems(nil); errors.As(err, &found) {
		s.Problems = append(s.Problems, found...)
	}
	if s.Unread == nil && s.Problems.Errors() == 0 {
		s.Schedule, s.Places = parsed.Schedule, parsed.Places
		s.Accepted = parsed.Accepted
		s.Problems = append(s.Problems, parsed.Warnings...)
		s.Problems = append(s.Problems, mistakenComments(parsed.Accepted)...)
	}
	return s
}

// ScheduleFiles returns the schedule files of a ConfigMap, as the controller reads them where it is mounted.
func ScheduleFiles(m *corev1.ConfigMap) []source.File {
	data := make(map[string][]byte, len(m.Data)+len(m.BinaryData))
	for name, text := range m.Data {
		data[name] = []byte(text)
	}
	maps.Copy(data, m.BinaryData)
	return config.Mounted(data)
}

// ReadConfigMap reads the schedule of a ConfigMap.
func ReadConfigMap(ctx context.Context, c client.Reader, key types.NamespacedName) (s ScheduleSource, err error) {
	configMap := &corev1.ConfigMap{}
	if err := c.Get(ctx, key, configMap); err != nil {
		return s, fmt.Errorf("cannot read the schedule of the cluster, ConfigMap %s: %w", key, cluster.Advised(err))
	}
	files := ScheduleFiles(configMap)
	if len(files) == 0 {
		return s, errors.New("ConfigMap " + key.String() + " holds no *.yaml file; name another with --configmap")
	}
	s.Files, s.Problems = config.Unwrap(files...)
	for _, all := range [][]source.File{files, s.Files} {
		for i := range all {
			all[i].Name = fmt.Sprintf("ConfigMap %s, %s", key, all[i].Name)
		}
	}
	s.Texts = files
	return s.Parsed(), nil
}

// StandardInput is how problems call what is read from there.
const StandardInput = "<stdin>"

// ReadObjects reads the objects of manifests: of files, directories and standard input. What is no object is among the
// problems, and the files are those that hold them. word is what makes a text that cannot be read a loss.
func ReadObjects(word string, args []string, stdin io.Reader) (objects []manifests.Object, passed source.Problems, all []source.File, err error) {
	for _, arg := range args {
		files, problems, err := readManifests(arg, stdin)
		if err != nil {
			return nil, nil, nil, withFiles(err, all)
		}
		all, passed = append(all, files...), append(passed, problems...)
	}
	objects, problems := manifests.Parse(word, all...)
	passed = append(passed, problems...)
	passed.Sort()
	return objects, passed, all, nil
}

func readManifests(arg string, stdin io.Reader) ([]source.File, source.Problems, error) {
	if arg != "-" {
		files, passed, err := manifests.Read(arg)
		return files, passed, asPattern(arg, err)
	}
	file, err := manifests.ReadFrom(stdin, StandardInput)
	return []source.File{file}, nil, err
}

// asPattern explains why a pattern that no shell has expanded is no file.
func asPattern(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(path, "*?") {
		return fmt.Errorf("%s is a pattern, and patterns are for the shell; give the directory: %s/", path, filepath.Dir(path))
	}
	return err
}

// withFiles makes problems of files an error that is printed with their lines.
func withFiles(err error, files []source.File) error {
	if problems := source.Problems(nil); errors.As(err, &problems) {
		return ExitError{Code: ExitFailed, Problems: problems, Files: files}
	}
	return err
}
