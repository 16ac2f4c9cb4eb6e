package schedules_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// The event of these tables is on 2026-12-01 from 10:00 to 12:00 UTC; the baseline is 2.
func TestRamps(t *testing.T) {
	tests := map[string]struct {
		replicas       int32
		lead, up, down time.Duration
		want           []line
	}{
		"up: ten steps that finish as the floor stands": {
			replicas: 22, up: 10 * time.Minute,
			want: []line{
				{"12-01 00:00:00", 0, "", ""},
				{"12-01 09:51:00", 4, "e", "12-01 12:00:00"},
				{"12-01 09:52:00", 6, "e", "12-01 12:00:00"},
				{"12-01 09:53:00", 8, "e", "12-01 12:00:00"},
				{"12-01 09:54:00", 10, "e", "12-01 12:00:00"},
				{"12-01 09:55:00", 12, "e", "12-01 12:00:00"},
				{"12-01 09:56:00", 14, "e", "12-01 12:00:00"},
				{"12-01 09:57:00", 16, "e", "12-01 12:00:00"},
				{"12-01 09:58:00", 18, "e", "12-01 12:00:00"},
				{"12-01 09:59:00", 20, "e", "12-01 12:00:00"},
				{"12-01 10:00:00", 22, "e", "12-01 12:00:00"},
				{"12-01 12:00:00", 0, "", ""},
			},
		},
		"down: steps after the end": {
			replicas: 22, down: 100 * time.Second,
			want: []line{
				{"12-01 00:00:00", 0, "", ""},
				{"12-01 10:00:00", 22, "e", "12-01 12:00:00"},
				{"12-01 12:00:00", 20, "e", "12-01 12:00:10"},
				{"12-01 12:00:10", 18, "e", "12-01 12:00:20"},
				{"12-01 12:00:20", 16, "e", "12-01 12:00:30"},
				{"12-01 12:00:30", 14, "e", "12-01 12:00:40"},
				{"12-01 12:00:40", 12, "e", "12-01 12:00:50"},
				{"12-01 12:00:50", 10, "e", "12-01 12:01:00"},
				{"12-01 12:01:00", 8, "e", "12-01 12:01:10"},
				{"12-01 12:01:10", 6, "e", "12-01 12:01:20"},
				{"12-01 12:01:20", 4, "e", "12-01 12:01:30"},
				{"12-01 12:01:30", 0, "", ""},
			},
		},
		"up to a little more: steps of the same number are one": {
			replicas: 5, lead: 30 * time.Minute, up: 10 * time.Minute, // 1 1 1, 2 2 2, 3 3 3 3 above the baseline
			want: []line{
				{"12-01 00:00:00", 0, "", ""},
				{"12-01 09:21:00", 3, "e", "12-01 12:00:00"},
				{"12-01 09:24:00", 4, "e", "12-01 12:00:00"},
				{"12-01 09:27:00", 5, "e", "12-01 12:00:00"},
				{"12-01 12:00:00", 0, "", ""},
			},
		},
		"down from a little more: the floor stands until a step is smaller": {
			replicas: 5, down: 100 * time.Minute,
			want: []line{
				{"12-01 00:00:00", 0, "", ""},
				{"12-01 10:00:00", 5, "e", "12-01 12:30:00"},
				{"12-01 12:30:00", 4, "e", "12-01 13:00:00"},
				{"12-01 13:00:00", 3, "e", "12-01 13:30:00"},
				{"12-01 13:30:00", 0, "", ""},
			},
		},
		"one more than the baseline: one step each way": {
			replicas: 3, up: 100 * time.Minute, down: 100 * time.Minute,
			want: []line{
				{"12-01 00:00:00", 0, "", ""}, {"12-01 08:30:00", 3, "e", "12-01 13:30:00"}, {"12-01 13:30:00", 0, "", ""},
			},
		},
		"the baseline itself: the floor stands all the while": {
			replicas: 2, up: 100 * time.Minute, down: 100 * time.Minute,
			want: []line{
				{"12-01 00:00:00", 0, "", ""}, {"12-01 08:30:00", 2, "e", "12-01 13:30:00"}, {"12-01 13:30:00", 0, "", ""},
			},
		},
		"less than the baseline: the floor is what is asked for": {
			replicas: 1, up: 100 * time.Minute,
			want: []line{
				{"12-01 00:00:00", 0, "", ""}, {"12-01 08:30:00", 1, "e", "12-01 12:00:00"}, {"12-01 12:00:00", 0, "", ""},
			},
		},
		"a lead shifts the start and not the end": {
			replicas: 9, lead: 24 * time.Hour,
			want: []line{{"12-01 00:00:00", 9, "e", "12-01 12:00:00"}, {"12-01 12:00:00", 0, "", ""}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := event(t, "e", "2026-12-01T10:00:00Z", "2026-12-01T12:00:00Z", 0, all(test.replicas))
			e.LeadTime, e.RampUp, e.RampDown = test.lead, test.up, test.down
			schedule := schedules.New(nil, []schedules.Event{e})
			got := lines(t, schedule, hpa, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestADecisionTellsTheRamp(t *testing.T) {
	e := event(t, "e", "2026-12-01T10:00:00Z", "2026-12-01T12:00:00Z", 0, all(22))
	e.RampUp, e.RampDown = 10*time.Minute, 10*time.Minute
	schedule := schedules.New(nil, []schedules.Event{e})
	for at, want := range map[string]schedules.Ramp{
		"2026-12-01T09:51:00Z": schedules.Climbing,
		"2026-12-01T09:59:59Z": schedules.Climbing,
		"2026-12-01T10:00:00Z": schedules.Steady,
		"2026-12-01T11:59:59Z": schedules.Steady,
		"2026-12-01T12:00:00Z": schedules.Descending,
		"2026-12-01T12:08:59Z": schedules.Descending,
	} {
		d := schedule.At(hpa, instant(t, at))
		if d.Ramp != want || d.Full != 22 || text(d.Since) != "2026-12-01T09:51:00Z" {
			t.Errorf("at %s: %q of %d since %s, want %q of 22 since 09:51", at, d.Ramp, d.Full, d.Since, want)
		}
	}
}
