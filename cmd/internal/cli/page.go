package cli

import (
	"slices"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// Narrow leaves in a document what the query asks for. Findings are those of all HPAs: an entry that covers none of the
// few asked for may well cover others.
func Narrow(d *page.Document, q page.Query) {
	d.Findings = slices.DeleteFunc(d.Findings, func(found forecast.Finding) bool {
		return found.HPA != nil && !q.Selects(found.HPA.Namespace, found.HPA.Name)
	})
	d.Forecast.Outlooks = slices.DeleteFunc(d.Forecast.Outlooks, func(o forecast.Outlook) bool {
		return !q.Selects(o.HPA.Namespace, o.HPA.Name)
	})
}

// PeakOf returns what the floors of a document add at their peak. CPU and memory are those of a snapshot's Pods.
func PeakOf(d *page.Document, snapshot *cluster.Snapshot) page.Peak {
	added := sums.Of(d.Forecast, snapshot)
	requests := added.Total.Requests()
	if requests != "" && len(added.Unknown) > 0 {
		requests = "at least " + requests
	}
	return page.Peak{Pods: added.Total.Peak[sums.Pods], At: added.Total.At[sums.Pods], Requests: requests}
}
