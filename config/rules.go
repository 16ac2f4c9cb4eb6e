package config

import (
	_ "embed"
	"strings"
)

// Rule is the name of a rule and what it asks.
type Rule struct {
	ID, Asks string
	Severity Severity
}

// Rules returns all rules.
func Rules() []Rule {
	var rules []Rule
	for line := range strings.Lines(rulesSource) {
		declared, asks, _ := strings.Cut(line, " // ")
		if name, id, ok := strings.Cut(declared, "= "); ok && strings.HasPrefix(name, "\tRule") {
			rule := Rule{ID: strings.Trim(id, "\" "), Asks: strings.TrimSpace(asks)}
			for _, severity := range []Severity{Warning, Note} {
				if rest, ok := strings.CutPrefix(rule.Asks, severity.String()+": "); ok {
					rule.Asks, rule.Severity = rest, severity
				}
			}
			rules = append(rules, rule)
		}
	}
	return rules
}

// rulesSource is this file, whose comments on the rules are the words for them.
//
//go:embed rules.go
var rulesSource string

// The rules that problems offend against, each with what it asks. They are stable: people search for them.
const (
	RuleFileTooLarge     = "file-too-large"    // a file has at most 1 MiB, which is also what a ConfigMap holds
	RuleNoFile           = "no-file"           // a directory holds at least one *.yaml file
	RuleNoSchedule       = "no-schedule"       // Kubernetes manifests hold a ConfigMap with a schedule in it
	RuleConfigMapText    = "configmap-text"    // the data of a ConfigMap is text
	RuleConfigMapKey     = "configmap-key"     // warning: of a mounted ConfigMap, run reads all *.yaml keys and only these
	RulePassedOver       = "passed-over"       // note: a directory holds manifests that have no schedule in them
	RuleTooManyProblems  = "too-many-problems" // the list of problems was cut
	RuleInvalidUTF8      = "invalid-utf8"      // a file is UTF-8 text
	RuleControlCharacter = "control-character" // a file has no control characters
	RuleSyntax           = "yaml-syntax"       // a file is YAML
	RuleEmptyFile        = "empty-file"        // a file has content; an intended empty schedule writes windows: []
	RuleSecondDocument   = "second-document"   // a file holds one YAML document
	RuleTooDeep          = "too-deep"          // values are nested at most 50 deep
	RuleAliasLoop        = "alias-loop"        // an alias does not stand inside what it refers to
	RuleAliasBomb        = "alias-bomb"        // aliases stand for at most 250,000 values in all
	RuleTag              = "yaml-tag"          // values carry no YAML tags
	RuleMerge            = "bad-merge"         // a merge key takes a mapping or a list of mappings

	RuleUnknownField   = "unknown-field"       // a field is one of the schedule reference
	RuleMisplacedField = "misplaced-field"     // a field stands where it belongs
	RuleDuplicateField = "duplicate-field"     // a field is written once
	RuleMissingField   = "missing-field"       // a required field is written
	RuleNoValue        = "no-value"            // a field that is written has a value
	RuleWrongType      = "wrong-type"          // a value is a mapping, a list or a single value as its field asks
	RuleVersion        = "unsupported-version" // apiVersion and kind are those of a floorkeeper schedule
	RuleNoEntries      = "no-entries"          // a schedule has windows or events
	RuleEmptyList      = "empty-list"          // a list whose emptiness could mean all or nothing is not empty

	RuleName           = "bad-name"         // names are DNS labels or subdomains, as Kubernetes wants them
	RuleDuplicateName  = "duplicate-name"   // the name of an entry is unique over all files
	RuleBoolean        = "bad-boolean"      // a switch is true or false
	RuleZone           = "bad-zone"         // a time zone is one of the IANA database
	RuleMissingZone    = "missing-zone"     // every entry has a time zone, its own or that of its file
	RuleDuration       = "bad-duration"     // a duration is written like 90m, 1h30m or 7d
	RuleDurationRange  = "duration-range"   // a duration lies within its limits
	RuleTime           = "bad-time"         // a time of day is written HH:MM or HH:MM:SS
	RuleDateTime       = "bad-date-time"    // an event starts and ends at times like 2026-12-18T20:00
	RuleEndOrDuration  = "end-or-duration"  // an entry has exactly one of end and duration
	RuleEmptySpan      = "start-equals-end" // an entry does not start and end at the same time
	RuleEndBeforeStart = "end-before-start" // an event ends after it starts

	RuleDay           = "bad-day"          // days are mon to sun
	RuleDayOfMonth    = "bad-day-of-month" // days of the month are 1 to 31 or -31 to -1
	RuleMonth         = "bad-month"        // months are jan to dec or 1 to 12
	RuleDate          = "bad-date"         // a date is written YYYY-MM-DD and exists
	RuleDatesReversed = "dates-reversed"   // a range of dates begins before it ends
	RuleNeverStarts   = "never-starts"     // some date meets all conditions of a window

	RuleAmount          = "bad-amount"       // an amount is a whole number or a percentage
	RuleAmountRange     = "amount-range"     // an amount is 1 to 999999
	RulePercentageRange = "percentage-range" // a percentage is above 100% and at most 100000%
	RuleMultiplier      = "bad-multiplier"   // a multiplier is a number from 1 to 1000 with at most three decimals
	RuleNoAmount        = "no-amount"        // an event has a multiplier, or each of its targets minReplicas
	RuleTwoAmounts      = "two-amounts"      // an event with a multiplier has targets without minReplicas

	RuleSelectsNothing = "selects-nothing"        // a target selects by namespace, name or labels
	RuleNameAlone      = "name-without-namespace" // a target with a name has a namespace
	RuleEmptySelector  = "empty-selector"         // a selector says something
	RuleLabel          = "bad-label"              // label keys and values are as Kubernetes wants them
	RuleOperator       = "bad-operator"           // an expression's operator is one that Kubernetes knows
	RuleValues         = "bad-values"             // an expression has values if its operator wants some
)
