package plan

import (
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
)

// PeakOf returns what the floors of a document add at their peak. CPU and memory are those of a snapshot's Pods.
func PeakOf(d *timeline.Document, snapshot *cluster.Snapshot) timeline.Peak {
	sums := Sum(d.Forecast, arrange(d.Forecast.Outlooks, eachStep), snapshot)
	requests := sums.Total.Requests()
	if requests != "" && len(sums.Unknown) > 0 {
		requests = "at least " + requests
	}
	return timeline.Peak{Pods: sums.Total.Pods.Sum, At: sums.Total.Pods.At, Requests: requests}
}
