// Command mutants changes one thing at a time in the code of packages, such as a comparison, and counts the changes that
// their tests notice. It prints those that no test notices.
//
// All changes are compiled at once, each behind a condition, so that a mutant costs one run of the tests that reach it
// and no compilation. The tree is not touched: the compiler reads the changed files from an overlay.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"
)

type options struct {
	root, tests string
	sample      int
	seed        uint64
	workers     int
	only        string
}

func main() {
	var o options
	flag.StringVar(&o.root, "C", ".", "the `folder` of the module")
	flag.StringVar(&o.tests, "tests", "", "the `packages` whose tests count, separated by commas (default: those that are changed)")
	flag.IntVar(&o.sample, "sample", 0, "try `N` mutants, chosen at random (default: all)")
	flag.Uint64Var(&o.seed, "seed", 1, "the `number` that chooses them")
	flag.IntVar(&o.workers, "workers", 2, "run `N` mutants at a time")
	flag.StringVar(&o.only, "only", "", "try the mutants of files and lines that contain `TEXT`, such as write.go:3")
	flag.Parse()
	if err := run(o, flag.Args(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(o options, patterns []string, out io.Writer) error {
	root, err := filepath.Abs(o.root)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	mutants, overlay, err := mutate(root, patterns)
	if err != nil {
		return err
	}
	tests := patterns
	if o.tests != "" {
		tests = strings.Split(o.tests, ",")
	}
	suites, err := build(root, dir, overlay, tests)
	if err != nil {
		return err
	}
	if o.only != "" {
		mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !strings.Contains(m.place(root), o.only) })
	}
	if o.sample > 0 && o.sample < len(mutants) {
		order := rand.New(rand.NewPCG(o.seed, 0))
		order.Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
		mutants = mutants[:o.sample]
		slices.SortFunc(mutants, func(a, b mutant) int { return a.id - b.id })
	}
	fates := make([]fate, len(mutants))
	next := make(chan int)
	var group sync.WaitGroup
	var mu sync.Mutex
	for range o.workers {
		group.Go(func() {
			for i := range next {
				fates[i] = try(suites, mutants[i])
				if f := fates[i]; f == survived || f == unreached {
					mu.Lock()
					fmt.Fprintf(out, "%s: %s (%s)\n", mutants[i].place(root), mutants[i].change, f)
					mu.Unlock()
				}
			}
		})
	}
	for i := range mutants {
		next <- i
	}
	close(next)
	group.Wait()
	report(out, mutants, fates)
	return nil
}

// mutate returns the mutants of packages, and the files that hold all of them by the path of the file that each replaces.
func mutate(root string, patterns []string) ([]mutant, map[string][]byte, error) {
	const need = packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports
	found, err := packages.Load(&packages.Config{Mode: need, Dir: root}, patterns...)
	if err != nil {
		return nil, nil, err
	}
	var mutants []mutant
	overlay := make(map[string][]byte)
	for _, pkg := range found {
		if len(pkg.Errors) > 0 {
			return nil, nil, pkg.Errors[0]
		}
		for _, file := range pkg.Syntax {
			path := pkg.Fset.File(file.FileStart).Name()
			source, err := os.ReadFile(path)
			if err != nil {
				return nil, nil, err
			}
			r := rewriter{pkg: pkg, source: source, mutants: mutants}
			r.file(file)
			overlay[path], mutants = r.result(), r.mutants
		}
		overlay[filepath.Join(filepath.Dir(pkg.GoFiles[0]), "zz_mutants.go")] = switches(pkg.Name)
	}
	return mutants, overlay, nil
}

// build compiles the tests, with all mutants in them, and learns which test reaches which.
func build(root, dir string, overlay map[string][]byte, patterns []string) ([]suite, error) {
	replace := make(map[string]string)
	for path, text := range overlay {
		replace[path] = filepath.Join(dir, fmt.Sprint(len(replace), ".go"))
		if err := os.WriteFile(replace[path], text, 0o600); err != nil {
			return nil, err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		return nil, err
	}
	listed, err := command(root, "go", append([]string{"list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{.Dir}}{{end}}"}, patterns...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("cannot list packages: %w", err)
	}
	var suites []suite
	for line := range strings.Lines(string(listed)) {
		path, folder, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found {
			continue
		}
		s := suite{path: path, folder: folder, binary: filepath.Join(dir, fmt.Sprint(len(suites), ".test"))}
		compile := command(root, "go", "test", "-c", "-vet=off", "-ldflags=-s", "-overlay", file, "-o", s.binary, path)
		if text, err := compile.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("cannot compile the mutants of %s: %w\n%s", path, err, text)
		}
		if err := s.learn(); err != nil {
			return nil, err
		}
		suites = append(suites, s)
	}
	return suites, nil
}

func command(dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = dir
	return c
}

// report prints a figure for each package.
func report(out io.Writer, mutants []mutant, fates []fate) {
	type count struct{ all, killed, hung, unreached int }
	counts := make(map[string]*count)
	var names []string
	total := &count{}
	for i, m := range mutants {
		if counts[m.pkg] == nil {
			counts[m.pkg] = &count{}
			names = append(names, m.pkg)
		}
		for _, c := range []*count{counts[m.pkg], total} {
			c.all++
			switch fates[i] {
			case killed:
				c.killed++
			case hung:
				c.hung++
			case unreached:
				c.unreached++
			}
		}
	}
	names, counts["total"] = append(names, "total"), total
	for _, name := range names {
		c := counts[name]
		dead := c.killed + c.hung
		fmt.Fprintf(out, "%s: %d of %d mutants die (%.0f%%), %d of these as the tests hang; of the others, no test reaches %d\n",
			name, dead, c.all, 100*float64(dead)/float64(c.all), c.hung, c.unreached)
	}
}
