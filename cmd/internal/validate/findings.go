package validate

import (
	"strings"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// diagnose returns what is worth knowing of a valid schedule, with its place.
func diagnose(v *cli.Preview) []diagnostic {
	var all []diagnostic
	for _, group := range cli.Grouped(v.Findings()) {
		all = append(all, newDiagnostic(v, group))
	}
	return all
}

// newDiagnostic returns the problem that a group of findings is told as.
func newDiagnostic(v *cli.Preview, group []forecast.Finding) diagnostic {
	first := group[0]
	var hpas, changes []string
	for _, finding := range group {
		if finding.HPA != nil && v.Snapshot != nil {
			hpas = append(hpas, finding.HPA.Namespace+"/"+finding.HPA.Name)
		}
		changes = append(changes, finding.Message)
	}
	subject := []string{v.Schedule.Title(first.Entry)}
	if len(hpas) > 0 {
		subject = append(subject, "HPA "+hpas[0])
	}
	message := first.Message
	switch {
	case first.Kind == forecast.ClockChange:
		message = cli.Several(changes, "; ", 4)
	case first.Kind != forecast.PastEntry && first.From.After(v.Forecast.From):
		subject = append(subject, "from "+first.From.In(v.Zone).Format(cli.MinuteLayout))
	}
	message = strings.Join(subject, ", ") + ": " + message
	if len(hpas) > 1 {
		message += "; likewise " + cli.Several(hpas[1:], ", ", 3)
	}
	severity := config.SeverityNote
	if first.Warning() {
		severity = config.SeverityWarning
	}
	return diagnostic{v.Places[first.Entry].Problem(severity, string(first.Kind), message), first.Entry, hpas}
}
