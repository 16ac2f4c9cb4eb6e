package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// page is a file of the documentation.
type page struct {
	path   string // from the root of the repository
	text   string // without its blocks
	blocks []block
}

// block is the text between two fences.
type block struct {
	page, section string // section is the anchor of the heading above it, empty above the first one
	line          int
	language      string
	lines         []string // without the indentation of the fence
}

func (b block) String() string { return b.page + ":" + strconv.Itoa(b.line) }

func (b block) text() string { return strings.Join(b.lines, "\n") + "\n" }

// pages reads README.md, every page of docs, and those of the folders that people install from.
func pages(t *testing.T) []page {
	t.Helper()
	paths := []string{"README.md"}
	for _, dir := range []string{"docs", "deploy"} {
		err := fs.WalkDir(os.DirFS(root), dir, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && filepath.Ext(path) == ".md" {
				paths = append(paths, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var all []page
	for _, path := range paths {
		all = append(all, readPage(t, path))
	}
	return all
}

var fence = regexp.MustCompile("^( *)```(.*)$")

func readPage(t *testing.T, path string) page {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	p := page{path: path}
	var open *block
	var indent, section string
	var prose []string
	seen := map[string]int{}
	for i, line := range strings.Split(string(data), "\n") {
		marks := fence.FindStringSubmatch(line)
		switch {
		case marks != nil && open == nil:
			indent, open = marks[1], &block{page: path, section: section, line: i + 1, language: marks[2]}
		case marks != nil:
			p.blocks, open = append(p.blocks, *open), nil
		case open != nil && open.language == "sh" && line == "": // what follows has an outcome of its own
			p.blocks = append(p.blocks, *open)
			open = &block{page: path, section: section, line: i + 2, language: "sh"}
		case open != nil:
			open.lines = append(open.lines, strings.TrimPrefix(line, indent))
		default:
			prose = append(prose, line)
			if title, ok := heading(line); ok {
				section = unique(seen, anchor(title))
			}
		}
	}
	if open != nil {
		t.Errorf("%s: the block has no end", *open)
	}
	p.text = strings.Join(prose, "\n")
	return p
}

func heading(line string) (string, bool) {
	title := strings.TrimLeft(line, "#")
	return strings.TrimSpace(title), title != line && strings.HasPrefix(title, " ")
}

var (
	linked = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	spoken = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
)

// anchor is what GitHub makes of a heading.
func anchor(title string) string {
	plain := spoken.ReplaceAllString(linked.ReplaceAllString(strings.ToLower(title), "$1"), "")
	return strings.ReplaceAll(plain, " ", "-")
}

func unique(seen map[string]int, name string) string {
	seen[name]++
	if n := seen[name]; n > 1 {
		return name + "-" + strconv.Itoa(n-1)
	}
	return name
}

// anchors are those of a page's headings.
func (p page) anchors() []string {
	var all []string
	seen := map[string]int{}
	for line := range strings.Lines(p.text) {
		if title, ok := heading(strings.TrimSpace(line)); ok {
			all = append(all, unique(seen, anchor(title)))
		}
	}
	return all
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// Every link to a file of the repository must have a file, and a heading if it names one.
func TestLinks(t *testing.T) {
	for _, p := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(p.text, -1) {
			path, fragment, _ := strings.Cut(found[1], "#")
			if strings.Contains(path, "://") || strings.HasPrefix(path, "mailto:") {
				continue
			}
			target := filepath.Join(filepath.Dir(p.path), path)
			if path == "" {
				target = p.path
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s: %v", p.path, found[1], err)
			} else if fragment != "" && filepath.Ext(target) == ".md" && !slices.Contains(readPage(t, target).anchors(), fragment) {
				t.Errorf("%s links to %s, which has no such heading", p.path, found[1])
			}
		}
	}
}

// Every block must be of a language that a test reads.
func TestEveryBlockIsRead(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if !slices.Contains([]string{"yaml", "sh", "hcl", "promql", "text"}, b.language) {
				t.Errorf("%s: %q is no language of this documentation: yaml, sh, hcl and promql are tried, text is not", b, b.language)
			}
			if b.language == "text" && !b.session() && illustration(b) == "" && looksLikeCommands(b) {
				t.Errorf("%s: the text holds commands, which nothing runs; write sh", b)
			}
		}
	}
}

var program = regexp.MustCompile(`^(kubectl|floorkeeper|helm|make|go|docker|kind|flux|argocd|git) `)

func looksLikeCommands(b block) bool {
	return !slices.ContainsFunc(b.lines, func(line string) bool { return !program.MatchString(line) })
}

// session reports whether the block shows commands with what they print.
func (b block) session() bool {
	return b.language == "text" && slices.ContainsFunc(b.lines, func(line string) bool { return strings.HasPrefix(line, "$ ") })
}

// Where the API server does not serve one of several kinds, as before Kubernetes 1.36, kubectl does nothing with the others either.
func TestNewKindsAreNamedAlone(t *testing.T) {
	old := regexp.MustCompile(`validatingadmission|role|flowschema|deployment|configmap`)
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			for _, line := range b.lines {
				kinds := regexp.MustCompile(`kubectl .*?(\S*mutatingadmission\S*)`).FindStringSubmatch(line)
				if kinds != nil && old.MatchString(strings.ReplaceAll(kinds[1], "mutatingadmission", "")) {
					t.Errorf("%s: give the kinds of MutatingAdmissionPolicy a line of their own: %s", b, line)
				}
			}
		}
	}
}

// The index must name every page.
func TestIndex(t *testing.T) {
	index := readPage(t, "docs/README.md").text
	for _, p := range pages(t) {
		name, found := strings.CutPrefix(p.path, "docs/")
		if found && name != "README.md" && filepath.Dir(name) != "runbooks" && !strings.Contains(index, "("+name+")") {
			t.Errorf("docs/README.md does not lead to %s", name)
		}
	}
}

// The README has to be read in one go.
func TestReadmeIsShort(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(data), "\n"); lines > 150 {
		t.Errorf("README.md has %d lines, and at most 150 are read", lines)
	}
}
