package plan_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/zones"
)

// readPlan is what a program reads of -o json.
type readPlan struct {
	HPAs []struct {
		Namespace, Name, Entry string
		MinReplicas, Floor     int32
	}
	Changes []struct {
		Time                           time.Time
		Namespace, Name, Entry         string
		MinReplicasBefore, MinReplicas int32
		Floor                          int32
		Clamped                        bool
	}
}

type standing struct {
	minReplicas, floor int32
	entry              string
}

// TestJSONReplaysToTheState replays the changes up to random instants and compares with State.Next there.
func TestJSONReplaysToTheState(t *testing.T) {
	paris, err := zones.Load("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		from := time.Date(2026, 10, 23+rapid.IntRange(0, 3).Draw(t, "day"), 0, 0, 0, 0, paris)
		to := from.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "hours")) * time.Hour)
		schedule, hpas := drawWorld(t, paris)
		var b bytes.Buffer
		if err := of(schedule, &cluster.Snapshot{HPAs: hpas}, hpas, paris, from, to, from).JSON(&b); err != nil {
			t.Fatal(err)
		}
		var read readPlan
		if err := json.Unmarshal(b.Bytes(), &read); err != nil {
			t.Fatalf("%v:\n%s", err, b.String())
		}
		for range 5 {
			at := from.Add(time.Duration(rapid.Int64Range(0, int64(to.Sub(from))-1).Draw(t, "at"))).Truncate(time.Second)
			if at.Before(from) {
				at = from
			}
			replayed := read.at(t, at)
			for i := range hpas {
				look := autoscaler.Scope{}.Judge(schedule, &hpas[i], at)
				want := standing{look.Desired.MinReplicas, look.Applies.Floor, look.Applies.Because}
				if got := replayed[hpas[i].Name]; got != want {
					t.Fatalf("%s at %s: replayed %+v, State.Next says %+v\n%s", hpas[i].Name, at, got, want, b.String())
				}
			}
		}
	})
}

// at replays the changes up to an instant.
func (p *readPlan) at(t *rapid.T, at time.Time) map[string]standing {
	states := make(map[string]standing)
	for _, hpa := range p.HPAs {
		states[hpa.Name] = standing{hpa.MinReplicas, hpa.Floor, hpa.Entry}
	}
	var last time.Time
	for _, c := range p.Changes {
		if c.Time.Before(last) {
			t.Fatalf("%s comes after %s", c.Time, last)
		}
		if last = c.Time; c.Time.After(at) {
			return states
		}
		if before := states[c.Name].minReplicas; before != c.MinReplicasBefore {
			t.Fatalf("%s of %s begins at %d, and it was %d", c.Time, c.Name, c.MinReplicasBefore, before)
		}
		states[c.Name] = standing{c.MinReplicas, c.Floor, c.Entry}
		if c.Clamped != (c.MinReplicas < c.Floor) {
			t.Fatalf("clamped is %v of %+v", c.Clamped, c)
		}
	}
	return states
}

// drawWorld draws daily windows, an event and HPAs.
func drawWorld(t *rapid.T, zone *time.Location) (*schedules.Schedule, []autoscalingv2.HorizontalPodAutoscaler) {
	var windows []schedules.Window
	for i := range rapid.IntRange(1, 3).Draw(t, "windows") {
		start := rapid.IntRange(0, 23*60).Draw(t, "start") * 60
		windows = append(windows, schedules.Window{
			Entry: schedules.Entry{
				Name: fmt.Sprint("w", i), Location: zone, LeadTime: time.Duration(rapid.IntRange(0, 30).Draw(t, "lead")) * time.Minute,
				RampUp: time.Duration(rapid.SampledFrom([]int{0, 40}).Draw(t, "up")) * time.Minute, RampDown: time.Duration(rapid.SampledFrom([]int{0, 50}).Draw(t, "down")) * time.Minute,
				Targets: []schedules.Target{{Selector: labels.SelectorFromSet(labels.Set{fmt.Sprint("of-w", i): "yes"}), Amount: schedules.Amount{Replicas: rapid.Int32Range(1, 20).Draw(t, "replicas")}}},
			},
			Start: schedules.Clock(start), End: schedules.Clock(start + 3600),
		})
	}
	events := []schedules.Event{{
		Entry: schedules.Entry{Name: "e", Location: zone, RampDown: time.Hour}, Multiplier: 2500, StartDate: schedules.NewDate(2026, 10, 25),
		Start: time.Date(2026, 10, 25, 1, 30, 0, 0, zone), End: time.Date(2026, 10, 25, 3, 0, 0, 0, zone),
	}}
	var hpas []autoscalingv2.HorizontalPodAutoscaler
	for i := range 4 {
		set := map[string]string{}
		for w := range windows {
			if rapid.Bool().Draw(t, "selected") {
				set[fmt.Sprint("of-w", w)] = "yes"
			}
		}
		hpa := autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprint("n", i/2), Name: fmt.Sprint("h", i), Labels: set, Annotations: map[string]string{}},
			Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: new(rapid.Int32Range(1, 6).Draw(t, "minReplicas")), MaxReplicas: rapid.Int32Range(6, 30).Draw(t, "maxReplicas")},
		}
		if rapid.IntRange(0, 4).Draw(t, "ignored") == 0 {
			hpa.Annotations[autoscaler.AnnotationIgnore] = "true"
		}
		hpas = append(hpas, hpa)
	}
	return schedules.New(windows, events), hpas
}
