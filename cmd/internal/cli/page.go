package cli

import (
	"slices"

	"github.com/floorkeeper/floorkeeper/cmd/internal/pageserver"
	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// Narrow leaves in a document what the query asks for. Findings are those of all HPAs: an entry that covers none of the
// few asked for may well cover others.
func Narrow(d *timeline.Document, q pageserver.Query) {
	d.Findings = slices.DeleteFunc(d.Findings, func(found forecast.Finding) bool {
		return found.HPA != nil && !q.Selects(found.HPA.Namespace, found.HPA.Name)
	})
	d.Forecast.Outlooks = slices.DeleteFunc(d.Forecast.Outlooks, func(o forecast.Outlook) bool {
		return !q.Selects(o.HPA.Namespace, o.HPA.Name)
	})
}
