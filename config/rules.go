package config

import (
	_ "embed"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// Rule is the name of a rule, what it asks, and how bad it is to offend against it.
type Rule struct {
	ID, Asks string
	Severity source.Severity
}

// The rules that problems offend against, but for those of package source. They are stable: people search for them.
const (
	RuleNoFile        = "no-file"
	RuleTooLarge      = "schedule-too-large"
	RuleNoSchedule    = "no-schedule"
	RuleConfigMapText = "configmap-text"
	RuleConfigMapKey  = "configmap-key"
	RuleGivenTwice    = "given-twice"
	RuleTooLargeApply = "too-large-to-apply"
	RuleUnread        = "unread-file"

	RuleUnknownField   = "unknown-field"
	RuleMisplacedField = "misplaced-field"
	RuleMissingField   = "missing-field"
	RuleNoValue        = "no-value"
	RuleVersion        = "unsupported-version"
	RuleNoEntries      = "no-entries"
	RuleEmptyList      = "empty-list"
	RuleTooManyItems   = "too-many-items"

	RuleName           = "bad-name"
	RuleDuplicateName  = "duplicate-name"
	RuleBoolean        = "bad-boolean"
	RuleZone           = "bad-zone"
	RuleMissingZone    = "missing-zone"
	RuleFixedZone      = "fixed-offset-zone"
	RuleDuration       = "bad-duration"
	RuleDurationRange  = "duration-range"
	RuleTime           = "bad-time"
	RuleDateTime       = "bad-date-time"
	RuleEndOrDuration  = "end-or-duration"
	RuleEmptySpan      = "start-equals-end"
	RuleEndBeforeStart = "end-before-start"

	RuleDay            = "bad-day"
	RuleDayOfMonth     = "bad-day-of-month"
	RuleMonth          = "bad-month"
	RuleDate           = "bad-date"
	RuleDatesReversed  = "dates-reversed"
	RuleNeverStarts    = "never-starts"
	RuleUnknownHoliday = "unknown-holidays"

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
func Rules() []Rule { //nolint:funlen // a table
	return []Rule{
		{source.RuleFileTooLarge, "a file has at most 1 MiB, which is also what a ConfigMap holds", source.SeverityError},
		{RuleNoFile, "a directory holds at least one *.yaml file", source.SeverityError},
		{RuleTooLarge, "the files of a schedule have at most 4 MiB together, and are at most 1,000", source.SeverityError},
		{RuleNoSchedule, "Kubernetes manifests hold a ConfigMap with a schedule in it", source.SeverityError},
		{RuleConfigMapText, "the data of a ConfigMap is text", source.SeverityError},
		{RuleConfigMapKey, "of a mounted ConfigMap, run reads all *.yaml keys and only these", source.SeverityWarning},
		{RuleGivenTwice, "a file is given once", source.SeverityError},
		{RuleTooLargeApply, "kubectl apply takes a ConfigMap of at most 262,144 bytes", source.SeverityWarning},
		{RuleUnread, "a directory of schedules holds *.yaml files, and no directories of them", source.SeverityWarning},
		{source.RulePassedOver, "a directory holds files that are read, and no others", source.SeverityNote},
		{source.RuleTooManyProblems, "the list of problems was cut", source.SeverityError},
		{source.RuleInvalidUTF8, "a file is UTF-8 text", source.SeverityError},
		{source.RuleControlCharacter, "a file has no control characters", source.SeverityError},
		{source.RuleLookAlike, "a file has no characters that are taken for others, where these belong", source.SeverityError},
		{source.RuleSyntax, "a file is YAML", source.SeverityError},
		{source.RuleEmptyFile, "a file has content; an intended empty schedule writes windows: []", source.SeverityError},
		{source.RuleSecondDocument, "a file holds one YAML document", source.SeverityError},
		{source.RuleTooDeep, "values are nested at most 50 deep", source.SeverityError},
		{source.RuleAliasLoop, "an alias is not inside what it refers to", source.SeverityError},
		{source.RuleAliasBomb, "aliases stand for at most 250,000 values in all", source.SeverityError},
		{source.RuleTag, "values carry no YAML tags", source.SeverityError},
		{source.RuleMerge, "a merge key takes a mapping or a list of mappings", source.SeverityError},

		{RuleUnknownField, "a field is one of the schedule reference", source.SeverityError},
		{RuleMisplacedField, "a field is where it belongs", source.SeverityError},
		{source.RuleDuplicateField, "a field is written once", source.SeverityError},
		{RuleMissingField, "a required field is written", source.SeverityError},
		{RuleNoValue, "a field that is written has a value", source.SeverityError},
		{source.RuleWrongType, "a value is a mapping, a list or a single value as its field asks", source.SeverityError},
		{RuleVersion, "apiVersion and kind are those of a floorkeeper schedule", source.SeverityError},
		{RuleNoEntries, "a schedule has windows, events or holidays", source.SeverityError},
		{RuleEmptyList, "a list whose emptiness could mean all or nothing is not empty", source.SeverityError},
		{RuleTooManyItems, "a list of dates or values has at most 1,000 items", source.SeverityError},

		{RuleName, "names are DNS labels or subdomains, as Kubernetes wants them", source.SeverityError},
		{RuleDuplicateName, "the name of an entry, or of a list of holidays, is unique over all files", source.SeverityError},
		{RuleBoolean, "a switch is true or false", source.SeverityError},
		{RuleZone, "a time zone is one of the IANA database", source.SeverityError},
		{RuleMissingZone, "every entry has a time zone, its own or that of its file", source.SeverityError},
		{RuleFixedZone, "a time zone is that of a city, where its name does not say the offset it has all year", source.SeverityWarning},
		{RuleDuration, "a duration is written like 90m, 1h30m or 7d", source.SeverityError},
		{RuleDurationRange, "a duration lies within its limits", source.SeverityError},
		{RuleTime, "a time of day is written HH:MM or HH:MM:SS", source.SeverityError},
		{RuleDateTime, "an event starts and ends at times like 2026-12-18T20:00", source.SeverityError},
		{RuleEndOrDuration, "an entry has exactly one of end and duration", source.SeverityError},
		{RuleEmptySpan, "an entry does not start and end at the same time", source.SeverityError},
		{RuleEndBeforeStart, "an event ends after it starts", source.SeverityError},

		{RuleDay, "days are mon to sun", source.SeverityError},
		{RuleDayOfMonth, "days of the month are 1 to 31 or -31 to -1", source.SeverityError},
		{RuleMonth, "months are jan to dec or 1 to 12", source.SeverityError},
		{RuleDate, "a date is written YYYY-MM-DD and exists", source.SeverityError},
		{RuleDatesReversed, "a range of dates begins before it ends", source.SeverityError},
		{RuleUnknownHoliday, "a list of holidays that a window names is in one of the files", source.SeverityError},
		{RuleNeverStarts, "some date meets all conditions of a window", source.SeverityError},

		{RuleAmount, "an amount is a whole number or a percentage", source.SeverityError},
		{RuleAmountRange, "an amount is 1 to 999999", source.SeverityError},
		{RulePercentageRange, "a percentage is above 100% and at most 100000%", source.SeverityError},
		{RuleMultiplier, "a multiplier is a number from 1 to 1000 with at most three decimals", source.SeverityError},
		{RuleNoAmount, "an event has a multiplier, or each of its targets minReplicas", source.SeverityError},
		{RuleTwoAmounts, "an event with a multiplier has targets without minReplicas", source.SeverityError},

		{RuleSelectsNothing, "a target selects by namespace, name or labels", source.SeverityError},
		{RuleNameAlone, "a target with a name has a namespace", source.SeverityError},
		{RuleEmptySelector, "a selector is not empty", source.SeverityError},
		{RuleLabel, "label keys and values are as Kubernetes wants them", source.SeverityError},
		{RuleOperator, "an expression's operator is one that Kubernetes knows", source.SeverityError},
		{RuleValues, "an expression has values if its operator wants some", source.SeverityError},
	}
}

// SchemaURL is where the newest schema is, and the $id of each.
const SchemaURL = "https://raw.githubusercontent.com/floorkeeper/floorkeeper/main/config/schedule.schema.json"

// schema is hand-written. Its test holds it against Parse.
//
//go:embed schedule.schema.json
var schema string

// Schema returns the JSON Schema (draft-07) of schedule files, for editors. It passes what [Parse] passes, as the
// schedule reference writes it, and refuses the rest as far as a schema can.
func Schema() string { return schema }
