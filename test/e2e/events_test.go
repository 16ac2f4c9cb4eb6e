package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// kubeEvent is an Event as its reader sees it.
type kubeEvent struct{ eventType, reason, note string }

// events returns the Events that floorkeeper has written about an object of a namespace.
func (s *scene) events(ctx context.Context, name string) ([]kubeEvent, error) {
	list, err := s.client.EventsV1().Events(s.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list.Items, func(a, b eventsv1.Event) int { return a.EventTime.Compare(b.EventTime.Time) })
	var events []kubeEvent
	for _, e := range list.Items {
		if e.ReportingController == "floorkeeper" && e.Regarding.Name == name {
			events = append(events, kubeEvent{e.Type, e.Reason, e.Note})
		}
	}
	return events, nil
}

// eventList prints them for a failure.
func (s *scene) eventList(ctx context.Context, name string) string {
	events, err := s.events(ctx, name)
	if err != nil {
		return err.Error()
	}
	var text strings.Builder
	fmt.Fprintf(&text, "the Events of %s/%s:\n", s.namespace, name)
	for _, e := range events {
		fmt.Fprintf(&text, "  %s %s: %s\n", e.eventType, e.reason, e.note)
	}
	return text.String()
}

// awaitEvent waits until floorkeeper has written exactly this Event about an HPA, in one of the forms given.
func (s *scene) awaitEvent(t *testing.T, name string, forms ...kubeEvent) {
	t.Helper()
	s.await(t, fmt.Sprintf("one of the Events %q", forms), func(ctx context.Context) error {
		events, err := s.events(ctx, name)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(events, func(e kubeEvent) bool { return slices.Contains(forms, e) }) {
			return fmt.Errorf("it is not among %s", s.eventList(ctx, name))
		}
		return nil
	})
}

// raised are the forms that the Event of a raise may take, given its note with %s for the end of a span: the weekday is
// given where the end is on another day than the raise.
func raised(note string, s span) []kubeEvent {
	end := s.end
	forms := []kubeEvent{{"Normal", "FloorRaised", fmt.Sprintf(note, end.Format("15:04 MST"))}}
	if s.start.YearDay() != end.YearDay() {
		forms = append(forms, kubeEvent{"Normal", "FloorRaised", fmt.Sprintf(note, end.Format("Mon 15:04 MST"))})
	}
	return forms
}

// awaitSample waits until the scene's floorkeepers show a metric with a value.
func (s *scene) awaitSample(t *testing.T, series string, want float64) {
	t.Helper()
	s.await(t, fmt.Sprintf("the metric %s to be %v", series, want), func(ctx context.Context) error {
		for _, keeper := range s.keepers {
			if got, err := keeper.sample(ctx, series); err != nil {
				return err
			} else if got != want {
				return fmt.Errorf("it is %v", got)
			}
		}
		return nil
	})
}
