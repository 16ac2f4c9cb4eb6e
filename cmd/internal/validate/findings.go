package validate

import (
	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

func newDiagnostic(v *cli.Preview, group forecast.Group) diagnostic {
	first, subject := group[0], v.Schedule.Title(group[0].Entry)
	var hpas []string
	if v.Snapshot != nil {
		hpas = group.Names()
	}
	if len(hpas) > 0 {
		subject += ", HPA " + hpas[0]
	}
	if first.Dated(v.Forecast.From) {
		subject += ", from " + text.Minute(first.From.In(v.Zone))
	}
	message := group.Sentence(subject, hpas, func(texts []string, separator string) string {
		most := 3
		if first.Kind == forecast.ClockChange {
			most = 4
		}
		return text.List(texts, separator, most)
	})
	severity := source.SeverityNote
	if first.Warning() {
		severity = source.SeverityWarning
	}
	return diagnostic{v.Places[first.Entry].Problem(severity, string(first.Kind), message), first.Entry, hpas}
}
