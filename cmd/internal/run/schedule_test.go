package run

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-logr/logr/funcr"
	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// TestRunReadsADirectoryAsValidateDoes: the same schedule, the same errors and the same warnings.
func TestRunReadsADirectoryAsValidateDoes(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../../test/world/folders/*/schedules")
	more, errMore := filepath.Glob("../../../config/testdata/manifests/*")
	if err != nil || errMore != nil || len(paths) < 3 || len(more) < 10 {
		t.Fatal(paths, more)
	}
	for _, path := range append(paths, more...) {
		if strings.HasSuffix(path, ".golden") {
			continue
		}
		ctx, stop := context.WithCancel(t.Context())
		var followed config.Outcome
		follower := config.NewFollower(path, func(o config.Outcome) { followed = o; stop() })
		if err := follower.Run(ctx); err != nil {
			t.Fatal(err)
		}
		validated := cli.ReadSchedule([]string{path}, nil)
		want := validated.Problems.Of(source.SeverityError)
		want.Sort()
		if followed.Err == nil != (validated.Schedule != nil) || followed.Err != nil && !strings.Contains(followed.Err.Error(), want.Error()) {
			t.Errorf("%s: run: %v\nvalidate: %v", path, followed.Err, want)
		}
		if followed.Err != nil {
			continue
		}
		warnings := validated.Problems.Of(source.SeverityWarning)
		warnings.Sort()
		followed.Warnings.Sort()
		if diff := cmp.Diff(warnings.Error(), followed.Warnings.Error()); diff != "" {
			t.Errorf("%s: the warnings of run (+) and validate (-) differ:\n%s", path, diff)
		}
		if diff := cmp.Diff(validated.Schedule.Names(), followed.Schedule.Names()); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

// TestRunLogsWarnings: each once for a change, also where the files that are read stay as they are.
func TestRunLogsWarnings(t *testing.T) {
	t.Parallel()
	var lines []string
	logger := funcr.New(func(_, args string) { lines = append(lines, args) }, funcr.Options{})
	files, err := config.Read("../../../test/world/folders/other-endings/schedules")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := config.OpenMounted(files...)
	if err != nil {
		t.Fatal(err)
	}
	(&options{}).outcome(config.Outcome{
		Schedule: parsed.Schedule, SHA256: "ab", Warnings: config.Unread("../../../test/world/folders/other-endings/schedules"),
	}, logger, nil)
	if all := strings.Join(lines, "\n"); !strings.Contains(all, "sale.yml") || !strings.Contains(all, "teams") || !strings.Contains(all, "[unread-file]") {
		t.Error(all)
	}
}
