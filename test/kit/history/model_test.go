package history

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	declares4 = "floorkeeper.dev/declared-baseline=4"
	min3      = `{"spec":{"minReplicas":3}}`
)

var (
	created  = step{at: "19:30:00", verb: "create", min: 4}
	raised   = step{at: "20:00:01", by: "us", min: 10, marks: "4/10", owned: true}
	settled  = step{by: "us", min: 10, marks: "4/10"}
	released = step{at: "22:00:01", by: "us", min: 4, owned: true}
	done     = step{by: "us", min: 4}
)

// trial is a history that is written by hand, and what the checker has to find in it.
type trial struct {
	steps []step
	model Model // Users and the schedule of ten are given
	want  []string
}

// run judges the trials.
func run(t *testing.T, trials map[string]trial) {
	for name, test := range trials {
		t.Run(name, func(t *testing.T) {
			test.model.Users = []string{us}
			if test.model.Schedules == nil {
				test.model.Schedules = []InForce{since("19:00:00", ten())}
			}
			if got := violations(t, test.model, test.steps); !slices.Equal(got, test.want) {
				t.Errorf("it finds %q, want %q", got, test.want)
			}
		})
	}
}

// TestWishes: what the owner wants, in all the ways in which it is said.
func TestWishes(t *testing.T) {
	run(t, map[string]trial{
		"a clean window": {steps: []step{created, raised, settled, released, done}},
		"the guard keeps the wish": {steps: []step{
			created, raised, settled,
			{by: "owner", says: min3, min: 10, marks: "3/10"},
			{at: "22:00:01", by: "us", min: 3, owned: true},
			{by: "us", min: 3},
		}},
		"the guard loses the wish": {
			steps: []step{created, raised, settled, {by: "owner", says: min3, min: 10, marks: "4/10", label: "x"}, {verb: "delete"}},
			want:  []string{"I1 by 3"},
		},
		"the guard loses the wish of a request that stores nothing": {
			steps: []step{created, raised, settled, {by: "owner", says: min3, min: 10, marks: "4/10", idle: true}, {verb: "delete"}},
			want:  []string{"I1 by 3"},
		},
		"the guard loses the wish of a JSON patch": {
			steps: []step{
				created, raised, settled,
				{by: "owner", says: `[{"op":"replace","path":"/spec/minReplicas","value":3}]`, min: 10, marks: "4/10", label: "x"},
				{verb: "delete"},
			},
			want: []string{"I1 by 3"},
		},
		"the guard loses the wish of an update that leaves minReplicas out": {
			steps: []step{created, raised, settled, {by: "owner", verb: "update", says: `{"spec":{}}`, min: 10, marks: "4/10", label: "x"}, {verb: "delete"}},
			want:  []string{"I1 by 3"},
		},
		"a test of a JSON patch is not a wish": {steps: []step{
			created, raised, settled,
			{by: "owner", says: `[{"op":"test","path":"/spec/minReplicas","value":7}]`, min: 10, marks: "4/10", more: "a=b"},
			{at: "22:00:01", by: "us", min: 4, owned: true, more: "a=b"},
			{by: "us", min: 4, more: "a=b"},
		}},
		"the wish outlives a wrong record of it": {
			steps: []step{
				created,
				{at: "20:00:01", by: "us", min: 10, marks: "5/10"},
				{by: "kcm", status: true, min: 10, marks: "5/10"},
				{at: "22:00:01", by: "us", min: 5},
				{verb: "delete"},
			},
			want: []string{"I1 by 1", "I1 by 3"},
		},
		"a declared baseline that was recorded outlives its declaration": {steps: []step{
			created, raised,
			{by: "owner", min: 10, marks: "4/10", more: "floorkeeper.dev/declared-baseline=6"},
			{by: "us", min: 10, marks: "6/10", more: "floorkeeper.dev/declared-baseline=6", owned: true},
			{by: "owner", min: 10, marks: "6/10"},
			{at: "22:00:01", by: "us", min: 6, owned: true},
			{by: "us", min: 6},
		}},
		"more than the wish is given back": {
			steps: []step{
				created, raised, settled, {by: "owner", says: min3, min: 10, marks: "3/10"}, {at: "22:00:01", by: "us", min: 4}, {verb: "delete"},
			},
			want: []string{"I1 by 4"},
		},
		"ownership is left behind": {steps: []step{created, raised, settled, released}, want: []string{"I1 by 3"}},
		"a value equal to the floor is not a wish": {steps: []step{
			created, raised, settled,
			{by: "owner", says: `{"spec":{"minReplicas":10}}`, min: 10, marks: "4/10", label: "x"},
			{at: "22:00:01", by: "us", min: 4, owned: true, label: "x"},
			{by: "us", min: 4, label: "x"},
		}},
		"a wish without the guard is answered": {steps: []step{
			created, raised, settled,
			{by: "owner", says: min3, min: 3, marks: "4/10"},
			{by: "us", min: 10, marks: "3/10", owned: true},
			{by: "us", min: 10, marks: "3/10"},
			{at: "22:00:01", by: "us", min: 3, owned: true},
			{by: "us", min: 3},
		}},
		"a wish without the guard is forgotten": {
			steps: []step{
				created, raised, settled,
				{by: "owner", says: min3, min: 3, marks: "4/10"},
				{by: "us", min: 10, marks: "4/10", owned: true},
				{verb: "delete"},
			},
			want: []string{"I1 by 4"},
		},
		"a JSON patch and an apply are heard": {steps: []step{
			created, raised, settled,
			{by: "owner", says: `[{"op":"replace","path":"/spec/minReplicas","value":3}]`, min: 10, marks: "3/10"},
			{by: "owner", says: `{"apiVersion":"autoscaling/v2","spec":{"minReplicas":5}}`, min: 10, marks: "5/10"},
			{by: "owner", verb: "update", says: `{"spec":{"maxReplicas":20}}`, min: 10, marks: "1/10"},
			{at: "22:00:01", by: "us", min: 1, owned: true},
			{by: "us", min: 1},
		}},
		"a wish above the floor": {steps: []step{
			created, raised, settled,
			{by: "owner", says: `{"spec":{"minReplicas":12}}`, min: 12, marks: "12/12"},
			{at: "22:00:01", by: "us", min: 12, owned: true},
			{by: "us", min: 12},
		}},
	})
}

// TestStrips: what becomes of an HPA whose annotations somebody takes off.
func TestStrips(t *testing.T) {
	run(t, map[string]trial{
		"annotations are stripped whole": {steps: []step{
			created, raised, settled,
			{by: "owner", verb: "update", says: `{"spec":{"minReplicas":5}}`, min: 5},
			{by: "us", min: 10, marks: "5/10", owned: true},
			{by: "us", min: 10, marks: "5/10"},
			{at: "22:00:01", by: "us", min: 5, owned: true},
			{by: "us", min: 5},
		}},
		"annotations are taken off and the floor is kept": {steps: []step{
			created, raised, settled,
			{by: "owner", min: 10},
			{by: "kcm", status: true, min: 10},
			{at: "22:10:00", by: "owner", min: 4},
		}},
		"the floor becomes the baseline after the annotations were damaged and taken off": {
			steps: []step{
				created, raised, settled,
				{by: "owner", min: 10, marks: "x/10"},
				{by: "owner", min: 10},
				{by: "us", min: 10, marks: "10/10", owned: true},
				{verb: "delete"},
			},
			want: []string{"I1 by 5"},
		},
		"the floor becomes the baseline": {
			steps: []step{
				created, raised, settled,
				{by: "owner", min: 10},
				{by: "kcm", status: true, min: 10},
				{by: "us", min: 10, marks: "10/10", owned: true},
				{verb: "delete"},
			},
			want: []string{"I1 by 5"},
		},
		"a baseline is declared for a floor that was kept": {steps: []step{
			created, raised, settled,
			{by: "owner", min: 10},
			{by: "owner", min: 10, more: declares4},
			{by: "us", min: 10, marks: "4/10", more: declares4, owned: true},
			{by: "us", min: 10, marks: "4/10", more: declares4},
			{by: "owner", min: 10, marks: "4/10"},
			{at: "22:00:01", by: "us", min: 4, owned: true},
			{by: "us", min: 4},
		}},
		"the owner sets another minReplicas for a floor that was kept": {steps: []step{
			created, raised, settled,
			{by: "owner", min: 10},
			{by: "owner", min: 6},
			{by: "us", min: 10, marks: "6/10", owned: true},
			{by: "us", min: 10, marks: "6/10"},
			{at: "22:00:01", by: "us", min: 6, owned: true},
			{by: "us", min: 6},
		}},
		"a floor that was kept is ignored": {steps: []step{
			created, raised, settled,
			{by: "owner", min: 10},
			{by: "owner", min: 10, more: "floorkeeper.dev/ignore=true"},
			{by: "owner", min: 10},
			{by: "us", min: 10, marks: "10/10", owned: true},
			{by: "us", min: 10, marks: "10/10"},
			{at: "22:00:01", by: "us", min: 10, owned: true},
			{by: "us", min: 10},
		}},
	})
}

// TestBaselines: what counts where the wish alone does not.
func TestBaselines(t *testing.T) {
	run(t, map[string]trial{
		"a damaged HPA is left alone": {steps: []step{created, raised, settled, {by: "owner", min: 10, marks: "x/10"}}},
		"a damaged HPA is touched": {
			steps: []step{created, raised, settled, {by: "owner", min: 10, marks: "x/10"}, {at: "22:00:01", by: "us", min: 4}, {verb: "delete"}},
			want:  []string{"I1 by 4"},
		},
		"a person heals a damaged HPA": {steps: []step{
			created, raised, settled,
			{by: "owner", min: 10, marks: "x/10"},
			{by: "owner", min: 5},
			{by: "us", min: 10, marks: "5/10", owned: true},
			{at: "22:00:01", by: "us", min: 5, owned: true},
			{by: "us", min: 5},
		}},
		"a declared baseline heals a damaged HPA": {steps: []step{
			created, raised, settled,
			{by: "owner", min: 10, marks: "x/10"},
			{by: "owner", min: 10, marks: "x/10", more: declares4},
			{at: "22:00:01", by: "us", min: 4, more: declares4, owned: true},
			{by: "us", min: 4, more: declares4},
		}},
		"a declared baseline is not heeded": {
			steps: []step{
				created, raised,
				{by: "owner", min: 10, marks: "4/10", more: "floorkeeper.dev/declared-baseline=6"},
				{at: "22:00:01", by: "us", min: 4, more: "floorkeeper.dev/declared-baseline=6"},
				{verb: "delete"},
			},
			want: []string{"I3 by 3"},
		},
		"a wish has become illegal": {steps: []step{
			created, raised, settled,
			{by: "owner", min: 3, max: 3, marks: "4/10", says: `{"spec":{"minReplicas":3,"maxReplicas":3}}`},
			{by: "us", min: 3, max: 3, marks: "3/3", owned: true},
			{at: "22:00:01", by: "us", min: 3, max: 3, owned: true},
			{by: "us", min: 3, max: 3},
		}},
		"zero is no longer legal": {steps: []step{
			{at: "19:30:00", verb: "create"},
			{at: "20:00:01", by: "us", min: 10, marks: "0/10", owned: true},
			{at: "22:00:01", by: "us", min: 1, owned: true},
			{by: "us", min: 1},
		}},
		"a deletion was not seen": {steps: []step{created, raised, settled, {at: "22:10:00", verb: "create", min: 6}}},
		"a recreated HPA starts afresh": {steps: []step{
			created, raised, settled,
			{verb: "delete"},
			{verb: "create", min: 6},
			{by: "us", min: 10, marks: "6/10", owned: true},
			{at: "22:00:01", by: "us", min: 6, owned: true},
			{by: "us", min: 6},
		}},
		"a recreated HPA is given what another one had": {
			steps: []step{created, raised, settled, {verb: "delete"}, {verb: "create", min: 6}, {by: "us", min: 10, marks: "4/10", owned: true}, {verb: "delete"}},
			want:  []string{"I1 by 5"},
		},
	})
}

// TestDecisions: what a schedule in force explains, and when something has to be done.
func TestDecisions(t *testing.T) {
	run(t, map[string]trial{
		"a late raise": {
			steps: []step{created, raised, {at: "22:00:10", by: "owner", min: 4}, {by: "us", min: 10, marks: "4/10"}, {verb: "delete"}},
			want:  []string{"I9 by 3"},
		},
		"a late raise with slack": {
			steps: []step{created, raised, {at: "22:00:10", by: "owner", min: 4}, {by: "us", min: 10, marks: "4/10"}, {verb: "delete"}},
			model: Model{Slack: time.Minute},
		},
		"a clock that is set past a step": {
			steps: []step{
				created,
				{at: "20:00:01", by: "us", min: 10, marks: "4/10", until: "2026-11-20T22:00:10Z", owned: true},
				{at: "21:59:46", by: "us", min: 9, marks: "4/9", until: "2026-11-20T22:00:30Z", owned: true},
				{at: "22:00:00.5", by: "us", min: 8, marks: "4/8", until: "2026-11-20T22:00:40Z", owned: true},
				{verb: "delete"},
			},
			model: Model{
				Clock: setOn("21:59:45", 30*time.Second), Schedules: []InForce{since("19:00:00", gala(schedules.Amount{Replicas: 10}, 100*time.Second))},
			},
		},
		"a clock that is set past a step, which is written": {
			steps: []step{
				created,
				{at: "20:00:01", by: "us", min: 10, marks: "4/10", until: "2026-11-20T22:00:10Z", owned: true},
				{at: "22:00:05.5", by: "us", min: 9, marks: "4/9", until: "2026-11-20T22:00:30Z"},
				{verb: "delete"},
			},
			model: Model{
				Clock: setOn("22:00:05", 40*time.Second), Schedules: []InForce{since("19:00:00", gala(schedules.Amount{Replicas: 10}, 100*time.Second))},
				Slack: time.Second,
			},
			want: []string{"I9 by 2"},
		},
		"a raise of hours ago": {
			steps: []step{created, {at: "23:00:00", by: "us", min: 10, marks: "4/10"}, {verb: "delete"}}, model: Model{Slack: 4 * time.Hour},
		},
		"two schedules take turns": {
			steps: []step{
				created, raised, {at: "20:30:01", by: "us", min: 11, marks: "4/11"}, {by: "us", min: 10, marks: "4/10"}, {verb: "delete"},
			},
			model: Model{Schedules: []InForce{since("19:00:00", ten()), since("20:30:00", gala(schedules.Amount{Replicas: 11}, 0))}},
			want:  []string{"I7 by 3"},
		},
		"the same is written again": {
			steps: []step{created, raised, {by: "us", min: 10, marks: "4/10", owned: true, idle: true}, {verb: "delete"}}, want: []string{"I7 by 2"},
		},
		"the steady state is disturbed": {
			steps: []step{created, raised, {at: "20:10:00", by: "us", min: 10, marks: "4/10"}, {verb: "delete"}},
			model: Model{Quiet: []Interval{{clock("2026-11-20T20:05:00Z"), clock("2026-11-20T21:00:00Z")}}},
			want:  []string{"I5 by 2"},
		},
		"a raise in the steady state": {
			steps: []step{created, {at: "20:10:00", by: "us", min: 10, marks: "4/10"}, {verb: "delete"}},
			model: Model{Quiet: []Interval{{clock("2026-11-20T20:05:00Z"), clock("2026-11-20T21:00:00Z")}}},
			want:  []string{"I5 by 1"},
		},
		"a write in the steady state fails": {
			steps: []step{created, {at: "20:10:00", by: "us", code: 409}, {verb: "delete"}},
			model: Model{Quiet: []Interval{{clock("2026-11-20T20:05:00Z"), clock("2026-11-20T21:00:00Z")}}},
			want:  []string{"I6 by 1"},
		},
		"an early raise": {
			steps: []step{created, {at: "19:59:59", by: "us", min: 10, marks: "4/10"}, {verb: "delete"}}, want: []string{"I9 by 1"},
		},
		"an early raise by another clock": {
			steps: []step{created, {at: "19:59:59", by: "us", min: 10, marks: "4/10"}, {verb: "delete"}},
			model: Model{Clock: func(t time.Time) time.Time { return t.Add(2 * time.Second) }},
		},
		"an early raise by a clock that may be wrong": {
			steps: []step{created, {at: "19:58:00", by: "us", min: 10, marks: "4/10"}, {verb: "delete"}}, model: Model{Skew: 3 * time.Minute},
		},
		"a schedule that was replaced": {
			steps: []step{created, {at: "20:30:02", by: "us", min: 10, marks: "4/10"}, {verb: "delete"}},
			model: Model{Schedules: []InForce{since("19:00:00", ten()), since("20:30:00", schedules.New(nil, nil))}},
		},
		"a schedule that was replaced long ago": {
			steps: []step{created, {at: "20:30:12", by: "us", min: 10, marks: "4/10"}, {verb: "delete"}},
			model: Model{Schedules: []InForce{since("19:00:00", ten()), since("20:30:00", schedules.New(nil, nil))}},
			want:  []string{"I9 by 1"},
		},
		"a schedule that was replaced opens a floor a moment later, which is undone": {
			steps: []step{created, raised, {by: "us", min: 4, owned: true}, {by: "us", min: 4}},
			model: Model{Schedules: []InForce{since("19:00:00", ten()), since("19:59:59", schedules.New(nil, nil))}},
		},
		"a schedule that was replaced opens a floor again": {
			steps: []step{created, raised, {by: "us", min: 4, owned: true}, {by: "us", min: 10, marks: "4/10"}, {verb: "delete"}},
			model: Model{Schedules: []InForce{since("19:00:00", ten()), since("19:59:59", schedules.New(nil, nil))}},
			want:  []string{"I7 by 3"},
		},
		"a schedule that was replaced long ago opens a floor": {
			steps: []step{created, raised, {verb: "delete"}},
			model: Model{Schedules: []InForce{since("19:00:00", ten()), since("19:59:56", schedules.New(nil, nil))}},
			want:  []string{"I9 by 1"},
		},
		"a schedule that was refused": {
			steps: []step{created, raised, {by: "us", min: 11, marks: "4/11"}, {verb: "delete"}}, want: []string{"I9 by 2"},
		},
		"ownership is handed back in the middle of a ramp": {
			steps: []step{
				created,
				{at: "20:00:01", by: "us", min: 10, marks: "4/10", until: "2026-11-20T22:01:00Z", owned: true},
				{at: "22:01:01", by: "us", min: 9, marks: "4/9", until: "2026-11-20T22:03:00Z", owned: true},
				{at: "22:01:30", by: "us", min: 9, marks: "4/9", until: "2026-11-20T22:03:00Z"},
				{verb: "delete"},
			},
			model: Model{Schedules: []InForce{since("19:00:00", gala(schedules.Amount{Replicas: 10}, 10*time.Minute))}},
			want:  []string{"I7 by 3"},
		},
		"the two patches are three": {
			steps: []step{created, raised, settled, {by: "owner", min: 10, marks: "4/10", owned: true, status: true}, settled, released, done},
			want:  []string{"I7 by 4"},
		},
	})
}

// TestLimits: a floor is neither above the limit of the installation and of the owner, nor below.
func TestLimits(t *testing.T) {
	const owners6 = "floorkeeper.dev/max-floor=6"
	most := func(limit autoscaler.Limit) Model { return Model{Scope: autoscaler.Scope{Limit: limit}} }
	of := func(floor int, more string) []step {
		marks := fmt.Sprint("4/", floor)
		return []step{
			{at: "19:30:00", verb: "create", min: 4, more: more},
			{at: "20:00:01", by: "us", min: floor, marks: marks, owned: true, more: more},
			{by: "us", min: floor, marks: marks, more: more},
			{at: "22:00:01", by: "us", min: 4, owned: true, more: more},
			{by: "us", min: 4, more: more},
		}
	}
	run(t, map[string]trial{
		"a floor at the limit":           {steps: of(8, ""), model: most(autoscaler.Limit{MaxFloor: 8})},
		"a floor above the limit":        {steps: of(10, ""), model: most(autoscaler.Limit{MaxFloor: 8}), want: []string{"I9 by 1"}},
		"a floor below the limit":        {steps: of(6, ""), model: most(autoscaler.Limit{MaxFloor: 8}), want: []string{"I9 by 1"}},
		"a limit below the baseline":     {steps: of(4, ""), model: most(autoscaler.Limit{MaxFloor: 2})},
		"a floor at the owner's limit":   {steps: of(6, owners6), model: most(autoscaler.Limit{MaxFloor: 8})},
		"a floor above the owner's":      {steps: of(8, owners6), model: most(autoscaler.Limit{MaxFloor: 8}), want: []string{"I9 by 1"}},
		"an owner's limit lifts nothing": {steps: of(10, "floorkeeper.dev/max-floor=12"), model: most(autoscaler.Limit{MaxFloor: 8}), want: []string{"I9 by 1"}},
		"an owner's limit that is none":  {steps: of(8, "floorkeeper.dev/max-floor=06"), model: most(autoscaler.Limit{MaxFloor: 8})},
		"a factor is never small":        {steps: of(10, ""), model: most(autoscaler.Limit{Factor: 1000})},
	})
}

// TestRequests: what a log may be like, and who may write what.
func TestRequests(t *testing.T) {
	run(t, map[string]trial{
		"a label of somebody else is touched": {
			steps: []step{created, {at: "20:00:01", by: "us", min: 10, marks: "4/10", label: "x"}}, want: []string{"I4 by 1"},
		},
		"a label that somebody wrote when the API server ended": {
			steps: []step{created, raised, {by: "us", min: 10, marks: "4/10", label: "x"}, {verb: "delete"}},
			model: Model{Gaps: []Interval{{From: clock("2026-11-20T20:00:01Z"), To: clock("2026-11-20T20:01:00Z")}}},
		},
		"a label when the API server had ended before": {
			steps: []step{created, raised, {by: "us", min: 10, marks: "4/10", label: "x"}, {verb: "delete"}}, want: []string{"I4 by 2"},
			model: Model{Gaps: []Interval{{From: clock("2026-11-20T19:40:00Z"), To: clock("2026-11-20T19:50:00Z")}}},
		},
		"maxReplicas is touched": {
			steps: []step{created, {at: "20:00:01", by: "us", min: 10, max: 30, marks: "4/10"}, {verb: "delete"}}, want: []string{"I4 by 1"},
		},
		"a write that others made in autoscaling/v1": {steps: []step{
			created, raised, settled,
			{by: "owner", min: 10, marks: "3/10", v1: true, says: min3},
			{at: "22:00:01", by: "us", min: 3, owned: true},
			{by: "us", min: 3},
		}},
		"a person releases": {
			steps: []step{created, raised, settled, {by: "owner", manager: "floorkeeper", min: 4, owned: true}, {by: "owner", manager: "floorkeeper", min: 4}, {verb: "delete"}},
		},
		"a person releases to less": {
			steps: []step{created, raised, settled, {by: "owner", manager: "floorkeeper", min: 3}, {verb: "delete"}}, want: []string{"I3 by 3"},
		},
		"the creation is missing":            {steps: []step{{min: 4}, {verb: "delete"}}, want: []string{"LOG by 0"}},
		"the creation is before the history": {steps: []step{{at: "19:30:00", min: 4}, raised, settled, released, done}, model: Model{Partial: true}},
		"a version is missing":               {steps: []step{created, {by: "owner", min: 4, label: "x", says: `{"metadata":{"resourceVersion":"50"}}`}}, want: []string{"LOG by 1"}},
		"a version is missing because the API server ended": {
			steps: []step{created, {by: "owner", min: 4, label: "x", says: `{"metadata":{"resourceVersion":"50"}}`}, {verb: "delete"}},
			model: Model{Gaps: []Interval{{From: clock("2026-11-20T19:00:00Z"), To: clock("2026-11-20T19:59:00Z")}}},
		},
		"a version is missing before the API server ended": {
			steps: []step{created, {by: "owner", min: 4, label: "x", says: `{"metadata":{"resourceVersion":"50"}}`}, {verb: "delete"}},
			model: Model{Gaps: []Interval{{From: clock("2026-11-20T21:00:00Z"), To: clock("2026-11-20T21:10:00Z")}}},
			want:  []string{"LOG by 1"},
		},
		"a raise whose answer was lost shows": {steps: []step{
			created,
			{at: "20:00:01", by: "us", code: 504, says: `{"metadata":{"annotations":{"floorkeeper.dev/baseline":"4","floorkeeper.dev/floor":"10","floorkeeper.dev/because":"gala","floorkeeper.dev/since":"` + dusk + `","floorkeeper.dev/until":"` + dawn + `"}},"spec":{"minReplicas":10}}`},
			{by: "owner", min: 10, marks: "4/10", owned: true, status: true},
			settled, released, done,
		}},
		"a raise whose answer was lost is what the next write names": {steps: []step{
			created,
			{at: "20:00:01", by: "us", code: 504, says: `{"metadata":{"annotations":{"floorkeeper.dev/baseline":"4","floorkeeper.dev/floor":"10","floorkeeper.dev/because":"gala","floorkeeper.dev/since":"` + dusk + `","floorkeeper.dev/until":"` + dawn + `"}},"spec":{"minReplicas":10}}`},
			{at: "22:00:01", by: "us", says: `{"metadata":{"resourceVersion":"777"}}`, min: 4, owned: true},
			done,
		}},
		"a request whose client went away stored nothing": {steps: []step{
			created,
			{at: "20:00:01", by: "us", code: 500, unread: true},
			{at: "20:00:01", by: "owner", verb: "update", code: 504, unread: true},
			raised, settled, released, done,
		}},
		"a request whose client went away explains no version that is missing": {
			steps: []step{
				created,
				{at: "20:00:01", by: "us", code: 500, unread: true},
				{by: "owner", min: 4, label: "x", says: `{"metadata":{"resourceVersion":"50"}}`},
				{verb: "delete"},
			},
			want: []string{"LOG by 2"},
		},
		"a raise failed": {
			steps: []step{created, {at: "20:00:01", by: "us", code: 504, says: `{"spec":{"minReplicas":10}}`}, raised, settled, released, done},
		},
		"a lost raise that shows was wrong": {
			steps: []step{
				created,
				{at: "20:00:01", by: "us", code: 504, says: `{"spec":{"minReplicas":3}}`},
				{by: "owner", min: 3, status: true},
				{verb: "delete"},
			},
			want: []string{"I3 by 1"},
		},
		"a zombie that expects no version": {
			steps: []step{
				created, raised, settled,
				{by: "owner", says: min3, min: 10, marks: "3/10"},
				{by: "us", says: `{}`, min: 10, marks: "4/10"},
				{verb: "delete"},
			},
			want: []string{"I10 by 4"},
		},
		"the floor is missed at the end": {steps: []step{created, {at: "20:10:00", by: "owner", min: 4, status: true}}, want: []string{"I2 by 0"}},
		"a part of a history ends before the floor is raised": {
			steps: []step{created, {at: "20:00:20", by: "owner", min: 4, status: true}}, model: Model{Partial: true, Grace: time.Minute},
		},
		"a part of a history ends with a floor that was missed": {
			steps: []step{created, {at: "20:01:20", by: "owner", min: 4, status: true}}, model: Model{Partial: true, Grace: time.Minute},
			want: []string{"I2 by 0"},
		},
		"the floor is missed for a minute": {
			steps: []step{created, {at: "20:01:00", by: "us", min: 10, marks: "4/10"}, released, done}, model: Model{Grace: 30 * time.Second}, want: []string{"I2 by 0"},
		},
		"the floor is missed for a moment": {
			steps: []step{created, {at: "20:00:20", by: "us", min: 10, marks: "4/10"}, released, done}, model: Model{Grace: 30 * time.Second},
		},
		"an ignored HPA needs no floor": {
			steps: []step{{at: "19:30:00", verb: "create", min: 4, more: "floorkeeper.dev/ignore=true"}, {at: "20:10:00", min: 4, more: "floorkeeper.dev/ignore=true", status: true}},
		},
		"an ignored HPA is raised": {
			steps: []step{{at: "19:30:00", verb: "create", min: 4, more: "floorkeeper.dev/ignore=true"}, {at: "20:10:00", by: "us", min: 10, marks: "4/10", more: "floorkeeper.dev/ignore=true"}, {verb: "delete"}},
			want:  []string{"I9 by 1"},
		},
	})
}
