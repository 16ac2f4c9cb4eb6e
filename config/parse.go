package config

import (
	"bytes"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

const (
	group      = "floorkeeper.dev/"
	apiVersion = group + "v1"
	scheduleOf = "Schedule" // kind
)

// Parse returns the schedule that the files make together. Each file's defaults hold for its own entries, names are
// unique over all. The error is Problems, and names every problem of every file.
func Parse(files ...source.File) (*schedules.Schedule, error) {
	parsed, err := Open(files...)
	if err != nil {
		return nil, err
	}
	return parsed.Schedule, nil
}

// Parsed is a valid schedule, with what its files have beyond it.
type Parsed struct {
	*schedules.Schedule
	Places   map[string]source.Place // of the entries' names
	Location *time.Location          // the timeZone of the last file; nil where it has none
	Warnings source.Problems         // of what is valid and probably not meant
	Accepted []*Acceptance           // the comments that accept a finding
	parser   *parser
}

// Open is Parse for those who report places, or add an event.
func Open(files ...source.File) (*Parsed, error) { return open(files, true) }

// OpenPart is Open for one file of several: a list of holidays that it uses may be in another.
func OpenPart(file source.File) (*Parsed, error) { return open([]source.File{file}, false) }

func open(files []source.File, all bool) (*Parsed, error) {
	if last, within := bounded(files); !within {
		return nil, source.Problems{source.Place{File: files[last].Name}.Problem(source.SeverityError, RuleTooLarge,
			"with this file, the schedule is larger than 4 MiB or has more than 1,000 files; remove what is over, for example with event prune")}
	}
	p := newParser()
	files = slices.Clone(files)
	for i := range files {
		p.read(files, i)
	}
	p.resolve(all)
	if problems := p.Sorted(); len(problems) > 0 {
		return nil, problems
	}
	places := make(map[string]source.Place, len(p.names))
	for name, at := range p.names {
		places[name] = at.Place
	}
	return &Parsed{schedules.New(p.windows, p.events), places, p.defaults.location, p.warnings(), p.acceptances, p}, nil
}

// read reads the file after those before it. What is wrong because of characters that are taken for others is reported as
// these characters, and the file is read as it is meant.
func (p *parser) read(files []source.File, next int) {
	file, before := &files[next], files[:next]
	if !source.CheckText(*file, &p.Collector) {
		return
	}
	file.Data = bytes.TrimPrefix(file.Data, []byte(source.ByteOrderMark))
	valid := p.Problems
	if p.document(*file); len(p.Problems) == len(valid) {
		return
	}
	all := p.Problems
	p.Problems = slices.Clip(valid)
	if first, again := known(*file, before); again {
		p.AddAt(source.Place{File: file.Name}, RuleGivenTwice, first)
		return
	}
	earlier := sync.OnceValue(func() *parser {
		earlier := newParser()
		for _, file := range before {
			earlier.document(file)
		}
		return earlier
	})
	meant := p.LookAlikes(*file, func(data []byte) int {
		if !source.IsYAML(data) {
			return math.MaxInt
		}
		trial := earlier().clone()
		trial.document(source.File{Data: data})
		return len(trial.Problems) - len(earlier().Problems)
	})
	if meant == nil {
		p.Problems = all
		return
	}
	problems := p.Problems
	*p = *earlier()
	p.Problems, file.Data = problems, meant
	p.document(*file)
}

// clone returns a parser that reads on for itself.
func (p *parser) clone() *parser {
	other := *p
	other.Problems, other.windows, other.events = slices.Clip(p.Problems), slices.Clip(p.windows), slices.Clip(p.events)
	other.acceptances, other.accepted, other.files = slices.Clip(p.acceptances), maps.Clone(p.accepted), maps.Clone(p.files)
	other.names, other.warned, other.lists = maps.Clone(p.names), maps.Clone(p.warned), maps.Clone(p.lists)
	other.uses = slices.Clip(p.uses)
	return &other
}

// known reports whether a file is one that was read before, and returns what to do.
func known(file source.File, before []source.File) (string, bool) {
	for _, other := range before {
		switch {
		case !bytes.Equal(bytes.TrimPrefix(other.Data, []byte(source.ByteOrderMark)), file.Data):
		case filepath.Clean(other.Name) == filepath.Clean(file.Name) && strings.TrimPrefix(other.Title(), other.Name) == strings.TrimPrefix(file.Title(), file.Name):
			return "the file is given twice; name it once", true
		default:
			return "the file holds the same as " + other.Title() + "; remove one of the two", true
		}
	}
	return "", false
}

// document reads the entries of a file.
func (p *parser) document(file source.File) {
	if root := source.Document(file, &p.Collector); root != nil {
		p.accept(file, root)
		p.file(root)
	}
}

// OpenMounted is Open for the files of a directory that run follows. Like validate, it passes over Kubernetes manifests.
func OpenMounted(files ...source.File) (*Parsed, error) {
	if _, within := bounded(files); !within {
		return Open(files...)
	}
	unwrapped, problems := Unwrap(files...)
	if problems.Errors() > 0 {
		return nil, problems
	}
	parsed, err := Open(unwrapped...)
	if err == nil {
		parsed.Warnings = slices.Concat(problems.Of(source.SeverityWarning), parsed.Warnings)
	}
	return parsed, err
}

// ReadEvent reads a value as one more event of the last file. The problems lie where the value does.
func (p *Parsed) ReadEvent(n *source.Node) (schedules.Event, source.Problems) {
	p.parser.event(n)
	return p.parser.events[len(p.parser.events)-1], p.parser.Sorted()
}

type parser struct {
	source.Collector
	zones    map[string]*time.Location
	names    map[string]*source.Node     // of entries
	warned   map[string][]source.Problem // by message
	defaults defaults                    // of the file being read
	lists    map[string]holiday
	uses     []holidayUse
	windows  []schedules.Window
	events   []schedules.Event

	accepted    map[*source.Node][]string // the rules that comments on an entry name
	acceptances []*Acceptance
	files       map[*Acceptance]source.File
}

// warn reports what is valid and probably not meant.
func (p *parser) warn(at source.Place, rule, message string) {
	p.warned[message] = append(p.warned[message], at.Problem(source.SeverityWarning, rule, message))
}

// warnings returns each warning once, at the first of its places.
func (p *parser) warnings() source.Problems {
	var all source.Problems
	for _, alike := range p.warned {
		if alike = p.unaccepted(alike); len(alike) == 0 {
			continue
		}
		first := alike[0]
		if more := len(alike) - 1; more > 0 {
			first.Message += "; likewise at " + text.Count(more, "more place")
		}
		all = append(all, first)
	}
	all.Sort()
	return all
}

func newParser() *parser {
	return &parser{
		zones: map[string]*time.Location{}, names: map[string]*source.Node{}, warned: map[string][]source.Problem{},
		accepted: map[*source.Node][]string{}, files: map[*Acceptance]source.File{},
		lists: map[string]holiday{},
	}
}

type defaults struct {
	location                   *time.Location
	zoned                      bool // a time zone is written, be it right or wrong
	suspend                    bool // whatever the entry says
	leadTime, rampUp, rampDown time.Duration
}

func (p *parser) file(root *source.Node) {
	m, ok := p.fields(root, "a schedule", topFields)
	if !ok {
		return
	}
	m.require("apiVersion", "kind")
	read(m, "apiVersion", exactly("apiVersion", apiVersion))
	read(m, "kind", exactly("kind", scheduleOf))
	suspend, _ := read(m, "suspend", boolean)
	p.defaults = defaults{}
	p.defaults = defaults{
		location: m.location(),
		zoned:    m.has("timeZone"),
		suspend:  suspend,
		leadTime: m.ramp("leadTime", 0),
		rampUp:   m.ramp("rampUp", 0),
		rampDown: m.ramp("rampDown", 0),
	}
	m.holidays()
	if !m.has("windows") && !m.has("events") && !m.has("holidays") {
		p.Add(root, RuleNoEntries, "the schedule has neither windows nor events; an intended empty one writes windows: []")
	}
	m.entries("windows", "- name: evening", p.window)
	m.entries("events", "- name: cup-final", p.event)
}

// entries reads the items of windows or events, until the limit of problems is reached.
func (m *mapping) entries(name, hint string, read func(*source.Node)) {
	for _, item := range m.items(name, hint) {
		if !m.Full() {
			read(item)
		}
	}
}

func exactly(name, want string) func(*source.Node) (string, error) {
	return func(n *source.Node) (string, error) {
		if n.Text != want {
			return "", source.Refuse(RuleVersion, "%s is %s; in a schedule it is %s", name, source.Quote(n.Text), want)
		}
		return want, nil
	}
}
