package forecast

// Rule is what a finding is about. The rules are stable: people search for them, ignore them and alert on them.
type Rule string

// The rules of findings.
const (
	ClampedFloor     Rule = "clamped-floor"
	MatchesNothing   Rule = "matches-nothing"
	OwnedByKEDA      Rule = "owned-by-keda"
	LostBaseline     Rule = "lost-baseline"
	CommittedMark    Rule = "committed-annotations"
	SuddenRelease    Rule = "sudden-release"
	PodsStay         Rule = "scale-down-disabled"
	ShortLeadTime    Rule = "short-lead-time"
	ClockChange      Rule = "clock-change"
	MultipliedWindow Rule = "multiplied-window"
	Overlap          Rule = "overlapped-entry"
	PastEntry        Rule = "past-entry"
)

// Severity is how much a finding matters: somebody should act on a warning, and a note is worth knowing.
type Severity string

// The severities of findings. Programs rely on these words.
const (
	Warning Severity = "warning"
	Note    Severity = "note"
)

// RuleDescription describes a rule. Severity is that of most of its findings.
type RuleDescription struct {
	Rule
	Severity  Severity
	NeedsHPAs bool
	Asks      string
}

// Rules describes every rule.
func Rules() []RuleDescription {
	return []RuleDescription{
		{MatchesNothing, Warning, true, "an entry covers an HPA"},
		{ClampedFloor, Warning, true, "a floor is at most the HPA's maxReplicas"},
		{OwnedByKEDA, Warning, true, "an entry covers no HPA of a KEDA ScaledObject"},
		{LostBaseline, Warning, true, "the annotations of an HPA that an entry covers are not damaged"},
		{CommittedMark, Warning, true, "no manifest of an HPA holds annotations that only floorkeeper may write"},
		{SuddenRelease, Warning, true, "a floor falls slowly: by rampDown, or by behavior.scaleDown of the HPA"},
		{PodsStay, Note, true, "the HPA removes Pods when a floor ends: behavior.scaleDown is not Disabled"},
		{ShortLeadTime, Warning, true, "the leadTime suffices for all HPAs that rise together"},
		{ClockChange, Warning, false, "no daylight-saving change touches an occurrence of an entry"},
		{MultipliedWindow, Note, false, "it is known what the multiplier of an event multiplies"},
		{Overlap, Note, false, "no other open entry has a larger floor"},
		{PastEntry, Note, false, "an entry is not over"},
	}
}

// severityOf returns the severity that most findings of a rule have.
func severityOf(rule Rule) Severity {
	for _, known := range Rules() {
		if known.Rule == rule {
			return known.Severity
		}
	}
	return Warning
}
