package config

import "slices"

// Rule is the name of a rule, what it asks, and how bad it is to offend against it.
type Rule struct {
	ID, Asks string
	Severity Severity
}

// The rules that problems offend against, but for those of package source. They are stable: people search for them.
const (
	RuleNoFile        = "no-file"
	RuleNoSchedule    = "no-schedule"
	RuleConfigMapText = "configmap-text"
	RuleConfigMapKey  = "configmap-key"
	RulePassedOver    = "passed-over"

	RuleUnknownField   = "unknown-field"
	RuleMisplacedField = "misplaced-field"
	RuleMissingField   = "missing-field"
	RuleNoValue        = "no-value"
	RuleVersion        = "unsupported-version"
	RuleNoEntries      = "no-entries"
	RuleEmptyList      = "empty-list"

	RuleName           = "bad-name"
	RuleDuplicateName  = "duplicate-name"
	RuleBoolean        = "bad-boolean"
	RuleZone           = "bad-zone"
	RuleMissingZone    = "missing-zone"
	RuleDuration       = "bad-duration"
	RuleDurationRange  = "duration-range"
	RuleTime           = "bad-time"
	RuleDateTime       = "bad-date-time"
	RuleEndOrDuration  = "end-or-duration"
	RuleEmptySpan      = "start-equals-end"
	RuleEndBeforeStart = "end-before-start"

	RuleDay           = "bad-day"
	RuleDayOfMonth    = "bad-day-of-month"
	RuleMonth         = "bad-month"
	RuleDate          = "bad-date"
	RuleDatesReversed = "dates-reversed"
	RuleNeverStarts   = "never-starts"

	RuleAmount          = "bad-amount"
	RuleAmountRange     = "amount-range"
	RulePercentageRange = "percentage-range"
	RuleMultiplier      = "bad-multiplier"
	RuleNoAmount        = "no-amount"
	RuleTwoAmounts      = "two-amounts"

	RuleSelectsNothing = "selects-nothing"
	RuleNameAlone      = "name-without-namespace"
	RuleEmptySelector  = "empty-selector"
	RuleLabel          = "bad-label"
	RuleOperator       = "bad-operator"
	RuleValues         = "bad-values"
)

// Rules returns all rules.
func Rules() []Rule {
	return slices.Concat(fileRules(), fieldRules(), valueRules())
}

func fileRules() []Rule {
	return []Rule{
		{RuleFileTooLarge, "a file has at most 1 MiB, which is also what a ConfigMap holds", Error},
		{RuleNoFile, "a directory holds at least one *.yaml file", Error},
		{RuleNoSchedule, "Kubernetes manifests hold a ConfigMap with a schedule in it", Error},
		{RuleConfigMapText, "the data of a ConfigMap is text", Error},
		{RuleConfigMapKey, "of a mounted ConfigMap, run reads all *.yaml keys and only these", Warning},
		{RulePassedOver, "a directory holds manifests that have no schedule in them", Note},
		{RuleTooManyProblems, "the list of problems was cut", Error},
		{RuleInvalidUTF8, "a file is UTF-8 text", Error},
		{RuleControlCharacter, "a file has no control characters", Error},
		{RuleSyntax, "a file is YAML", Error},
		{RuleEmptyFile, "a file has content; an intended empty schedule writes windows: []", Error},
		{RuleSecondDocument, "a file holds one YAML document", Error},
		{RuleTooDeep, "values are nested at most 50 deep", Error},
		{RuleAliasLoop, "an alias does not stand inside what it refers to", Error},
		{RuleAliasBomb, "aliases stand for at most 250,000 values in all", Error},
		{RuleTag, "values carry no YAML tags", Error},
		{RuleMerge, "a merge key takes a mapping or a list of mappings", Error},
	}
}

func fieldRules() []Rule {
	return []Rule{
		{RuleUnknownField, "a field is one of the schedule reference", Error},
		{RuleMisplacedField, "a field stands where it belongs", Error},
		{RuleDuplicateField, "a field is written once", Error},
		{RuleMissingField, "a required field is written", Error},
		{RuleNoValue, "a field that is written has a value", Error},
		{RuleWrongType, "a value is a mapping, a list or a single value as its field asks", Error},
		{RuleVersion, "apiVersion and kind are those of a floorkeeper schedule", Error},
		{RuleNoEntries, "a schedule has windows or events", Error},
		{RuleEmptyList, "a list whose emptiness could mean all or nothing is not empty", Error},

		{RuleName, "names are DNS labels or subdomains, as Kubernetes wants them", Error},
		{RuleDuplicateName, "the name of an entry is unique over all files", Error},
		{RuleBoolean, "a switch is true or false", Error},
		{RuleZone, "a time zone is one of the IANA database", Error},
		{RuleMissingZone, "every entry has a time zone, its own or that of its file", Error},
		{RuleDuration, "a duration is written like 90m, 1h30m or 7d", Error},
		{RuleDurationRange, "a duration lies within its limits", Error},
		{RuleTime, "a time of day is written HH:MM or HH:MM:SS", Error},
		{RuleDateTime, "an event starts and ends at times like 2026-12-18T20:00", Error},
		{RuleEndOrDuration, "an entry has exactly one of end and duration", Error},
		{RuleEmptySpan, "an entry does not start and end at the same time", Error},
		{RuleEndBeforeStart, "an event ends after it starts", Error},
	}
}

func valueRules() []Rule {
	return []Rule{
		{RuleDay, "days are mon to sun", Error},
		{RuleDayOfMonth, "days of the month are 1 to 31 or -31 to -1", Error},
		{RuleMonth, "months are jan to dec or 1 to 12", Error},
		{RuleDate, "a date is written YYYY-MM-DD and exists", Error},
		{RuleDatesReversed, "a range of dates begins before it ends", Error},
		{RuleNeverStarts, "some date meets all conditions of a window", Error},

		{RuleAmount, "an amount is a whole number or a percentage", Error},
		{RuleAmountRange, "an amount is 1 to 999999", Error},
		{RulePercentageRange, "a percentage is above 100% and at most 100000%", Error},
		{RuleMultiplier, "a multiplier is a number from 1 to 1000 with at most three decimals", Error},
		{RuleNoAmount, "an event has a multiplier, or each of its targets minReplicas", Error},
		{RuleTwoAmounts, "an event with a multiplier has targets without minReplicas", Error},

		{RuleSelectsNothing, "a target selects by namespace, name or labels", Error},
		{RuleNameAlone, "a target with a name has a namespace", Error},
		{RuleEmptySelector, "a selector says something", Error},
		{RuleLabel, "label keys and values are as Kubernetes wants them", Error},
		{RuleOperator, "an expression's operator is one that Kubernetes knows", Error},
		{RuleValues, "an expression has values if its operator wants some", Error},
	}
}
