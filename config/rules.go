package config

// Rules name what a problem offends against. They are stable: people search for them.
const (
	// RuleFileTooLarge: a file has at most 1 MiB, which is also what a ConfigMap holds.
	RuleFileTooLarge = "file-too-large"
	// RuleNoFile: a directory holds at least one *.yaml file.
	RuleNoFile = "no-file"
	// RuleTooManyProblems: the list of problems was cut.
	RuleTooManyProblems = "too-many-problems"
	// RuleInvalidUTF8: a file is UTF-8 text.
	RuleInvalidUTF8 = "invalid-utf8"
	// RuleControlCharacter: a file has no control characters and no line breaks that editors do not count.
	RuleControlCharacter = "control-character"
	// RuleSyntax: a file is YAML.
	RuleSyntax = "yaml-syntax"
	// RuleEmptyFile: a file has content; an intended empty schedule writes windows: [].
	RuleEmptyFile = "empty-file"
	// RuleSecondDocument: a file holds one YAML document.
	RuleSecondDocument = "second-document"
	// RuleTooDeep: values are nested at most 50 deep.
	RuleTooDeep = "too-deep"
	// RuleAliasLoop: an alias does not stand inside what it refers to.
	RuleAliasLoop = "alias-loop"
	// RuleAliasBomb: aliases stand for at most 250,000 values in all.
	RuleAliasBomb = "alias-bomb"
	// RuleTag: values carry no YAML tags.
	RuleTag = "yaml-tag"
	// RuleMerge: a merge key takes a mapping or a list of mappings.
	RuleMerge = "bad-merge"

	// RuleUnknownField: a field is one that DESIGN lists for its place.
	RuleUnknownField = "unknown-field"
	// RuleMisplacedField: a field stands where it belongs.
	RuleMisplacedField = "misplaced-field"
	// RuleDuplicateField: a field is written once.
	RuleDuplicateField = "duplicate-field"
	// RuleMissingField: a required field is written.
	RuleMissingField = "missing-field"
	// RuleNoValue: a field that is written has a value.
	RuleNoValue = "no-value"
	// RuleWrongType: a value is a mapping, a list or a single value as its field asks.
	RuleWrongType = "wrong-type"
	// RuleVersion: apiVersion and kind are those of a floorkeeper schedule.
	RuleVersion = "unsupported-version"
	// RuleNoEntries: a schedule has windows or events.
	RuleNoEntries = "no-entries"
	// RuleEmptyList: a list whose emptiness could mean all or nothing is not empty.
	RuleEmptyList = "empty-list"

	// RuleName: names are DNS labels or subdomains, as Kubernetes wants them.
	RuleName = "bad-name"
	// RuleDuplicateName: the name of an entry is unique over all files.
	RuleDuplicateName = "duplicate-name"
	// RuleBoolean: a switch is true or false.
	RuleBoolean = "bad-boolean"
	// RuleZone: a time zone is one of the IANA database.
	RuleZone = "bad-zone"
	// RuleMissingZone: every entry has a time zone, its own or that of its file.
	RuleMissingZone = "missing-zone"
	// RuleDuration: a duration is written like 90m, 1h30m or 7d.
	RuleDuration = "bad-duration"
	// RuleDurationRange: a duration lies within its limits.
	RuleDurationRange = "duration-range"
	// RuleTime: a time of day is written HH:MM or HH:MM:SS.
	RuleTime = "bad-time"
	// RuleDateTime: the start and end of an event are written 2026-12-18T20:00, with or without an offset.
	RuleDateTime = "bad-date-time"
	// RuleEndOrDuration: an entry has exactly one of end and duration.
	RuleEndOrDuration = "end-or-duration"
	// RuleEmptySpan: an entry does not start and end at the same time.
	RuleEmptySpan = "start-equals-end"
	// RuleEndBeforeStart: an event ends after it starts.
	RuleEndBeforeStart = "end-before-start"

	// RuleDay: days are mon to sun.
	RuleDay = "bad-day"
	// RuleDayOfMonth: days of the month are 1 to 31 or -31 to -1.
	RuleDayOfMonth = "bad-day-of-month"
	// RuleMonth: months are jan to dec or 1 to 12.
	RuleMonth = "bad-month"
	// RuleDate: a date is written YYYY-MM-DD and exists.
	RuleDate = "bad-date"
	// RuleDatesReversed: a range of dates begins before it ends.
	RuleDatesReversed = "dates-reversed"
	// RuleNeverStarts: some date meets all conditions of a window.
	RuleNeverStarts = "never-starts"

	// RuleAmount: an amount is a whole number or a percentage.
	RuleAmount = "bad-amount"
	// RuleAmountRange: an amount is 1 to 999999.
	RuleAmountRange = "amount-range"
	// RulePercentageRange: a percentage is above 100% and at most 100000%.
	RulePercentageRange = "percentage-range"
	// RuleMultiplier: a multiplier is a number from 1 to 1000 with at most three decimals.
	RuleMultiplier = "bad-multiplier"
	// RuleNoAmount: an event has a multiplier, or each of its targets minReplicas.
	RuleNoAmount = "no-amount"
	// RuleTwoAmounts: an event with a multiplier has targets without minReplicas.
	RuleTwoAmounts = "two-amounts"

	// RuleSelectsNothing: a target selects by namespace, name or labels.
	RuleSelectsNothing = "selects-nothing"
	// RuleNameAlone: a target with a name has a namespace.
	RuleNameAlone = "name-without-namespace"
	// RuleEmptySelector: a selector says something.
	RuleEmptySelector = "empty-selector"
	// RuleLabel: label keys and values are as Kubernetes wants them.
	RuleLabel = "bad-label"
	// RuleOperator: an expression's operator is one that Kubernetes knows.
	RuleOperator = "bad-operator"
	// RuleValues: an expression has values if, and only if, its operator compares with some.
	RuleValues = "bad-values"
)
