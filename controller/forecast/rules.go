package forecast

// Rule is what a finding is about. The rules are stable: people search for them, ignore them and alert on them.
type Rule string

// The rules of findings.
const (
	ClampedFloor     Rule = "clamped-floor"
	LimitedFloor     Rule = "limited-floor"
	MatchesNothing   Rule = "matches-nothing"
	OwnedByKEDA      Rule = "owned-by-keda"
	LostBaseline     Rule = "lost-baseline"
	CommittedMark    Rule = "committed-annotations"
	SuddenRelease    Rule = "sudden-release"
	PodsStay         Rule = "scale-down-disabled"
	ShortLeadTime    Rule = "short-lead-time"
	SlowScheduling   Rule = "slow-scheduling"
	BadDeclaration   Rule = "bad-declared-baseline"
	BadMaxFloor      Rule = "bad-max-floor"
	AddedReplicas    Rule = "added-replicas"
	ScalingDisabled  Rule = "scaling-disabled"
	SharedTarget     Rule = "shared-target"
	PercentOfZero    Rule = "percent-of-zero"
	CopiedByFlagger  Rule = "copied-by-flagger"
	ClockChange      Rule = "clock-change"
	MultipliedWindow Rule = "multiplied-window"
	ShortGap         Rule = "short-gap"
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
		{LimitedFloor, Warning, true, "a floor is at most --max-floor, --max-floor-factor and the annotation max-floor of the HPA"},
		{OwnedByKEDA, Warning, true, "an entry covers no HPA of a KEDA ScaledObject"},
		{LostBaseline, Warning, true, "the annotations of an HPA that an entry covers are not damaged"},
		{CommittedMark, Warning, true, "no manifest of an HPA holds annotations that only floorkeeper may write"},
		{SuddenRelease, Warning, true, "a floor falls slowly: by rampDown, or by behavior.scaleDown of the HPA"},
		{PodsStay, Note, true, "the HPA removes Pods when a floor ends: behavior.scaleDown is not Disabled"},
		{ShortLeadTime, Warning, true, "the leadTime suffices for all HPAs that rise together"},
		{SlowScheduling, Warning, true, "the leadTime suffices for the scheduler to place all Pods that are added together"},
		{AddedReplicas, Warning, true, "all floors together add no more replicas than --warn-added-replicas"},
		{BadDeclaration, Warning, true, "the annotation declared-baseline of an HPA is a whole number"},
		{BadMaxFloor, Warning, true, "the annotation max-floor of an HPA is a whole number above 0"},
		{ScalingDisabled, Warning, true, "what an HPA scales has replicas, so that the HPA is on"},
		{SharedTarget, Warning, true, "no other HPA scales what an HPA that an entry covers scales"},
		{PercentOfZero, Warning, true, "an entry whose amount is a percentage covers no HPA with a baseline of 0"},
		{CopiedByFlagger, Warning, true, "Flagger copies no floor: the primary of an HPA is covered too, or has its baseline declared"},
		{ClockChange, Warning, false, "no daylight-saving change touches an occurrence of an entry"},
		{MultipliedWindow, Note, false, "it is known what the multiplier of an event multiplies"},
		{ShortGap, Warning, false, "an entry ends when the next one opens, or more than five minutes before: an end may be 24:00"},
		{Overlap, Note, false, "no other open entry has a larger floor"},
		{PastEntry, Note, false, "an entry is not over"},
	}
}

// severities returns the severity that most findings of each rule have.
func severities() map[Rule]Severity {
	known := make(map[Rule]Severity)
	for _, rule := range Rules() {
		known[rule.Rule] = rule.Severity
	}
	return known
}
