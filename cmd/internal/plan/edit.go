package plan

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// editHorizon is how far ahead the first change of an edit is looked for, as diff does.
const editHorizon = 366 * 24 * time.Hour

// atEdit returns the preview from the day on which the edit of a schedule first changes a floor. One that cannot be
// compared leaves it as it is.
func (o *options) atEdit(v *cli.Preview, stderr io.Writer) (*cli.Preview, error) {
	read := cli.ReadSchedule([]string{o.editOf}, nil)
	before := read.Schedule
	switch {
	case read.Missing():
		before = schedules.New(nil, nil)
	case before == nil:
		fmt.Fprintf(stderr, "%s is not a valid schedule, so the plan begins now\n", text.Visible(o.editOf))
		return v, nil
	}
	hpas := cli.HPAsOf(v.Snapshot, before, v.Schedule)
	to := v.Now.Add(editHorizon)
	was, becomes := o.NewForecast(before, v.Snapshot, slices.Clone(hpas), v.Now, to, v.Now), o.NewForecast(v.Schedule, v.Snapshot, slices.Clone(hpas), v.Now, to, v.Now)
	var first time.Time
	for i := range was.Outlooks {
		for old := range forecast.Differing(&was.Outlooks[i], &becomes.Outlooks[i]) {
			first = schedules.Earlier(first, old.From)
			break
		}
	}
	if first.IsZero() || schedules.DateOf(first, v.Zone) == schedules.DateOf(v.Now, v.Zone) {
		return v, nil
	}
	o.From = first.In(v.Zone).Format(time.DateOnly)
	return o.NewPreview(v.ScheduleSource, v.Snapshot)
}
