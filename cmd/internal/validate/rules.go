package validate

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

func rules() []config.Rule {
	return slices.Concat(config.Rules(), hpaRules(), []config.Rule{
		{ID: string(forecast.ClockChange), Severity: source.SeverityWarning, Asks: "no daylight-saving change touches an occurrence of an entry"},
		{ID: string(forecast.Overlap), Severity: source.SeverityNote, Asks: "no other open entry has a larger floor"},
		{ID: string(forecast.PastEntry), Severity: source.SeverityNote, Asks: "an entry is not over"},
	})
}

func hpaRules() []config.Rule {
	return []config.Rule{
		{ID: string(forecast.MatchesNothing), Severity: source.SeverityWarning, Asks: "an entry covers an HPA"},
		{ID: string(forecast.ClampedFloor), Severity: source.SeverityWarning, Asks: "a floor is at most the HPA's maxReplicas"},
		{ID: string(forecast.OwnedByKEDA), Severity: source.SeverityWarning, Asks: "an entry covers no HPA of a KEDA ScaledObject"},
		{ID: string(forecast.LostBaseline), Severity: source.SeverityWarning, Asks: "the annotations of an HPA that an entry covers are not damaged"},
		{ID: string(forecast.CommittedMark), Severity: source.SeverityWarning, Asks: "no manifest of an HPA holds annotations that only floorkeeper may write"},
		{ID: string(forecast.SuddenRelease), Severity: source.SeverityWarning, Asks: "a floor falls slowly: by rampDown, or by behavior.scaleDown of the HPA"},
		{ID: string(forecast.ShortLeadTime), Severity: source.SeverityWarning, Asks: "the leadTime suffices for all HPAs that rise together"},
	}
}

func needHPAs() []string {
	var names []string
	for _, rule := range hpaRules() {
		names = append(names, rule.ID)
	}
	return names
}

func (o *options) listRules(w io.Writer) error {
	if o.output != "text" {
		return errors.New("--rules prints a table; leave --output out")
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, rule := range rules() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", rule.ID, rule.Severity, rule.Asks)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("cannot print the rules: %w", err)
	}
	return nil
}
