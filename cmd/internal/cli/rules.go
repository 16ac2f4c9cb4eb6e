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
	rules = append(rules,
		config.Rule{ID: ruleComment, Severity: source.SeverityWarning, Asks: "a comment that begins with floorkeeper: is on an entry and says ignore and a rule"},
		config.Rule{ID: RuleUnused, Severity: source.SeverityNote, Asks: "a comment that ignores a rule keeps something back"})
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

// The rules of comments.
const (
	ruleComment = "bad-comment"
	RuleUnused  = "unused-comment"
)

// mistakenComments returns what is wrong with comments that ought to accept a finding.
func mistakenComments(all []*config.Acceptance) (problems source.Problems) {
	warn := func(a *config.Acceptance, format string, args ...any) {
		problems = append(problems, a.Problem(source.SeverityWarning, ruleComment, fmt.Sprintf(format, args...)))
	}
	known := ignorable()
	for _, a := range all {
		if a.Other != "" {
			warn(a, "the comment %s is not understood; write # floorkeeper: ignore RULE (validate --rules lists the rules)", source.Quote(a.Other))
		}
		for _, rule := range a.Rules {
			if !slices.Contains(known, rule) {
				warn(a, "%s is no rule that can be ignored, so the comment does nothing; validate --rules lists them", source.Quote(rule))
			}
		}
	}
	return problems
}

// UnusedComments returns notes on the comments that keep nothing back: each rule that was checked and not found.
func (v *Preview) UnusedComments() (notes source.Problems) {
	known, unchecked := ignorable(), []string(nil)
	if v.Snapshot == nil {
		unchecked = RulesThatNeedHPAs()
	}
	for _, a := range v.Accepted {
		for _, rule := range a.Rules {
			switch {
			case !slices.Contains(known, rule), slices.Contains(unchecked, rule), a.Used(rule), v.Forecast.Accepted(a.Entry, forecast.Rule(rule)):
			case a.Entry == "":
				notes = append(notes, a.Problem(source.SeverityNote, RuleUnused,
					"the comment keeps nothing back: it is neither on an entry nor directly above one, and nothing is found of its line"))
			default:
				notes = append(notes, a.Problem(source.SeverityNote, RuleUnused, "nothing is found of "+rule+" here, so that the comment is not needed"))
			}
		}
	}
	return notes
}

// Findings are the flags of the commands that find something.
type Findings struct {
	ignore         []string
	controllerRate int
	schedulerRate  int
	WarnAdded      int
}

// Bind adds the flags.
func (f *Findings) Bind(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.ignore, "ignore", nil, "leave out what is found of this `RULE` (validate --rules lists them); may be repeated")
	flags.IntVar(&f.WarnAdded, "warn-added-replicas", 0, "warn where all floors together add more `REPLICAS` than that over the baselines; 0 for any number")
	f.BindRates(flags)
}

// BindRates adds --hpa-controller-rate and --scheduler-rate.
func (f *Findings) BindRates(flags *pflag.FlagSet) {
	flags.IntVar(&f.controllerRate, "hpa-controller-rate", forecast.DefaultControllerRate,
		"how many requests per second the HPA controller of the cluster sends\nat most (--kube-api-qps); 0 for no limit, as on some managed clusters")
	flags.IntVar(&f.schedulerRate, "scheduler-rate", forecast.DefaultSchedulerRate,
		"how many Pods per second the cluster places (clientConnection.qps of\nthe scheduler); 0 for no limit")
}

// Rates returns the rates of the HPA controller and of the scheduler as a forecast wants them.
func (f *Findings) Rates() (controller, scheduler int) {
	asked := func(rate int) int {
		if rate <= 0 {
			return -1
		}
		return rate
	}
	return asked(f.controllerRate), asked(f.schedulerRate)
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
	known := ignorable()
	for _, name := range f.ignore {
		switch {
		case slices.Contains(known, name):
		case slices.ContainsFunc(Rules(), func(r config.Rule) bool { return r.ID == name }):
			return fmt.Errorf("cannot use --ignore %s: an error makes a schedule invalid and cannot be ignored; the rules that can are %s",
				name, strings.Join(known, ", "))
		default:
			return fmt.Errorf("cannot use --ignore %q: there is no such rule; those that can be ignored are %s", name, strings.Join(known, ", "))
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
