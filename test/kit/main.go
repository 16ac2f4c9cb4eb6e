// Package kit holds what the packages of tests on a real control plane share: one TestMain, and a control plane that
// ends with its test. It imports nothing of floorkeeper, which tests judge from outside.
package kit

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// Options are the choices of a package of tests. The zero value runs them as go test does.
type Options struct {
	// Parallel is the number of parallel tests that run at the same time, whatever the number of processors: tests that
	// mostly wait want many. Zero is the default of go test.
	Parallel int
	// Setup prepares what all tests share. It may be nil.
	Setup func(context.Context, *Suite) error
}

// Suite is what the tests of a package share.
type Suite struct {
	Dir      string // temporary; removed after the tests
	cleanups []func() error
}

// Main runs the tests of a package and ends the process. It is for TestMain.
func Main(m *testing.M, o Options) {
	code, err := run(m, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot run the tests:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(m *testing.M, o Options) (code int, err error) {
	if o.Parallel > 0 {
		flag.Parse()
		if err := flag.Set("test.parallel", strconv.Itoa(o.Parallel)); err != nil {
			return 1, err
		}
	}
	if o.Setup == nil {
		return m.Run(), nil
	}
	s := &Suite{}
	if s.Dir, err = os.MkdirTemp("", "floorkeeper-test-"); err != nil {
		return 1, err
	}
	s.Cleanup(func() error { return os.RemoveAll(s.Dir) })
	defer func() { err = errors.Join(err, s.close()) }()
	if err := o.Setup(context.Background(), s); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// Cleanup registers a function that runs after the tests, before those that were registered earlier. Its error fails
// the package.
func (s *Suite) Cleanup(f func() error) { s.cleanups = append(s.cleanups, f) }

func (s *Suite) close() error {
	var errs []error
	for _, f := range slices.Backward(s.cleanups) {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// Floorkeeper builds floorkeeper and returns the path of the binary.
func (s *Suite) Floorkeeper(ctx context.Context) (string, error) { return replica.Build(ctx, s.Dir) }

// ControlPlane starts a control plane that ends after the tests.
func (s *Suite) ControlPlane(ctx context.Context, o controlplane.Options) (*controlplane.ControlPlane, error) {
	plane, err := controlplane.Start(ctx, o)
	if err == nil {
		s.Cleanup(plane.Stop)
	}
	return plane, err
}

// ControlPlane starts a control plane that ends with the test.
func ControlPlane(t testing.TB, o controlplane.Options) *controlplane.ControlPlane {
	t.Helper()
	plane, err := controlplane.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	return plane
}
