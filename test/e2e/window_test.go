package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// windowOpensAndCloses is the main job: the Pods are there while the window is open, and may go afterwards. One HPA has
// a metric that wants a single Pod; the other has none at all, because a floor does not need one.
func windowOpensAndCloses(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.deploy(t, app{name: "images", min: 1, max: 20, cpu: true})
	s.awaitReady(t, "web", 2)
	evening := from(4*time.Second, 20*time.Second)
	name := s.named("evening")
	s.publish(t, window(name, evening, s.targets("web: 12", "images: 5")))

	s.awaitHeld(t, "web", 12, 2, name)
	s.awaitHeld(t, "images", 5, 1, name)
	s.awaitReady(t, "web", 12)
	s.awaitReady(t, "images", 5)
	s.awaitEvent(t, "web", raised("minReplicas 2 -> 12 until %s (window "+name+"); baseline 2", evening)...)

	s.awaitFree(t, "web", 2)
	s.awaitFree(t, "images", 1)
	s.awaitReady(t, "web", 2)
	s.awaitEvent(t, "web", kubeEvent{"Normal", "FloorReleased", "minReplicas 12 -> 2, the baseline: window " + name + " is over"})
	if now := time.Now(); now.Before(evening.end) {
		t.Errorf("the floor was released %s before the window's end", evening.end.Sub(now))
	}
	// The window opens again tomorrow, and must not while the other tests run.
	s.publish(t)
}

// leadTimeComesFirst lets the floor take effect before the start.
func leadTimeComesFirst(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	name := s.named("early")
	hour := span{time.Now().Add(time.Hour), time.Now().Add(2 * time.Hour)}
	s.publish(t, event(name, hour, s.targets("web: 6"), "leadTime: 2h"))
	s.awaitHeld(t, "web", 6, 2, name)
	s.publish(t, event(name, hour, s.targets("web: 6")))
	s.awaitFree(t, "web", 2)
}

// ramp climbs and descends in steps, and reports each ramp in two Events.
func ramp(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.awaitReady(t, "web", 2)
	h := s.record(t, "web")
	name := s.named("gala")
	gala := from(14*time.Second, 4*time.Second)
	s.publish(t, event(name, gala, s.targets("web: 12"), "rampUp: 10s", "rampDown: 10s"))

	up := h.until(t, s, "the full floor", func(v version) bool { return v.Min == 12 })
	s.awaitFree(t, "web", 2)
	all := h.until(t, s, "the release", func(v version) bool { return v.seen.After(up[len(up)-1].seen) && v.Floor == "" })
	climb, descent := minima(up), minima(all[len(up)-1:])
	t.Logf("climbed through %v and descended through %v", climb, descent)
	if !slices.IsSorted(climb) || len(climb) < 4 || climb[0] != 2 {
		t.Errorf("the ramp up went through %v, want steps from 2 to 12", climb)
	}
	slices.Reverse(descent)
	if !slices.IsSorted(descent) || len(descent) < 4 || descent[0] != 2 {
		t.Errorf("the ramp down went backwards through %v, want steps from 2 to 12", descent)
	}
	for _, v := range all {
		if v.Floor != "" && (v.Baseline != "2" || v.Floor != fmt.Sprint(v.Min)) {
			t.Errorf("in the middle of a ramp the HPA stood at %+v", v.state)
		}
	}
	s.awaitReady(t, "web", 2)
	s.wantRampEvents(t, name, climb[1], climb[len(climb)-2], descent[len(descent)-2], descent[1])
}

// wantRampEvents checks that the beginning and the end of both ramps were reported, and no step between.
func (s *scene) wantRampEvents(t *testing.T, name string, firstUp, lastUp, firstDown, lastDown int32) {
	t.Helper()
	want := []kubeEvent{
		{"Normal", "FloorRaised", fmt.Sprintf("minReplicas 2 -> %d, climbing to 12 (event %s); baseline 2", firstUp, name)},
		{"Normal", "FloorRaised", fmt.Sprintf("minReplicas %d -> 12 until", lastUp)},
		{"Normal", "FloorReached", "the HPA asks for 12 replicas, "},
		{"Normal", "FloorLowered", fmt.Sprintf("minReplicas 12 -> %d, descending to 2 (event %s); baseline 2", firstDown, name)},
		{"Normal", "FloorReleased", fmt.Sprintf("minReplicas %d -> 2, the baseline: event %s is over", lastDown, name)},
	}
	s.awaitEvent(t, "web", want[4])
	events, err := s.events(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range events {
		if i < len(want) && strings.HasPrefix(e.note, want[i].note) {
			events[i].note = want[i].note // without the instant, or the time that it took
		}
	}
	if !slices.Equal(events, want) {
		t.Errorf("got the Events %q, want %q", events, want)
	}
}

// windowOfYesterday is still open today, because its length counts and not the date.
func windowOfYesterday(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	name, long := s.named("long"), openNow()
	long.start = long.start.Add(-25 * time.Hour)
	date := long.start.Format(time.DateOnly)
	fields := []string{s.targets("web: 8"), "firstDate: " + date, "lastDate: " + date}
	s.publish(t, window(name, long, fields...))
	s.awaitHeld(t, "web", 8, 2, name)
	s.publish(t, window(name, long.soon(), fields...))
	s.awaitFree(t, "web", 2)
}
