package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// Rules returns all rules: those of the files of a schedule, then those of findings, the ones that need HPAs first.
func Rules() []config.Rule {
	rules := append(config.Rules(), manifestRules()...)
	for _, rule := range forecast.Rules() {
		severity := source.SeverityNote
		if rule.Severity == forecast.Warning {
			severity = source.SeverityWarning
		}
		rules = append(rules, config.Rule{ID: string(rule.Rule), Severity: severity, Asks: rule.Asks})
	}
	return rules
}

// manifestRules are those of what --hpas reads, as far as it is passed over.
func manifestRules() []config.Rule {
	return []config.Rule{
		{ID: manifests.RuleTooLarge, Severity: source.SeverityWarning, Asks: "a file of --hpas has at most 64 MiB, and a document of YAML 8 MiB"},
		{ID: manifests.RuleEncoding, Severity: source.SeverityWarning, Asks: "a manifest is text"},
		{ID: manifests.RuleSyntax, Severity: source.SeverityWarning, Asks: "the manifest of an HPA is YAML or JSON"},
		{ID: manifests.RuleAliases, Severity: source.SeverityWarning, Asks: "aliases in the manifest of an HPA are few, and do not contain themselves"},
		{ID: manifests.RuleTemplate, Severity: source.SeverityWarning, Asks: "the manifest of an HPA is rendered, without placeholders and decrypted"},
		{ID: manifests.RuleObject, Severity: source.SeverityWarning, Asks: "the manifest of an HPA has an apiVersion"},
		{ID: manifests.RuleUnread, Severity: source.SeverityWarning, Asks: "a file in a directory of --hpas can be read"},
		{ID: cluster.RuleDuplicate, Severity: source.SeverityWarning, Asks: "an HPA is given once"},
	}
}

// RulesThatNeedHPAs returns the rules that are not checked where no HPAs are given.
func RulesThatNeedHPAs() []string {
	var names []string
	for _, rule := range forecast.Rules() {
		if rule.NeedsHPAs {
			names = append(names, string(rule.Rule))
		}
	}
	return names
}

// ignorable returns the rules whose problems can be ignored: all but errors.
func ignorable() []string {
	var names []string
	for _, rule := range Rules() {
		if rule.Severity != source.SeverityError {
			names = append(names, rule.ID)
		}
	}
	slices.Sort(names)
	return names
}

// Findings are the flags of the commands that find something.
type Findings struct {
	ignore []string
}

// Bind adds --ignore.
func (f *Findings) Bind(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.ignore, "ignore", nil, "leave out what is found of this `RULE` (validate --rules lists them); may be repeated")
}

// Rules returns the rules to ignore.
func (f *Findings) Rules() []forecast.Rule {
	var rules []forecast.Rule
	for _, name := range f.ignore {
		rules = append(rules, forecast.Rule(name))
	}
	return rules
}

// CheckIgnored returns an error for what is no rule, or one whose problems cannot be ignored.
func (f *Findings) CheckIgnored() error {
	for _, name := range f.ignore {
		known := slices.ContainsFunc(Rules(), func(r config.Rule) bool { return r.ID == name })
		switch {
		case slices.Contains(ignorable(), name):
		case known:
			return fmt.Errorf("cannot use --ignore %s: an error makes a schedule invalid and cannot be ignored; the rules that can are %s",
				name, strings.Join(ignorable(), ", "))
		default:
			return fmt.Errorf("cannot use --ignore %q: there is no such rule; those that can be ignored are %s", name, strings.Join(ignorable(), ", "))
		}
	}
	return nil
}

// LoadSchedule reads the arguments as one schedule and prints its warnings, but those to ignore.
func (f *Findings) LoadSchedule(args []string, stdin io.Reader, stderr io.Writer) (ScheduleSource, error) {
	if err := f.CheckIgnored(); err != nil {
		return ScheduleSource{}, err
	}
	return f.Kept(ReadSchedule(args, stdin)).Valid(stderr)
}

// Kept returns what was read without the problems that are to be ignored.
func (f *Findings) Kept(s ScheduleSource) ScheduleSource {
	s.Problems = slices.DeleteFunc(slices.Clone(s.Problems), func(p source.Problem) bool {
		return p.Severity != source.SeverityError && slices.Contains(f.ignore, p.Rule)
	})
	return s
}
