package validate

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

func rules() []config.Rule {
	return slices.Concat(config.Rules(), manifestRules(), hpaRules(), []config.Rule{
		{ID: string(forecast.ClockChange), Severity: source.SeverityWarning, Asks: "no daylight-saving change touches an occurrence of an entry"},
		{ID: string(forecast.Overlap), Severity: source.SeverityNote, Asks: "no other open entry has a larger floor"},
		{ID: string(forecast.PastEntry), Severity: source.SeverityNote, Asks: "an entry is not over"},
	})
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
