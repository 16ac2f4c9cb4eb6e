package history

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// step is a request about the HPA shop/web, with what was stored. Its zero values are an update of nothing.
type step struct {
	at       string // the time of day; a second after the step before if empty
	by       string // us, or anybody
	verb     string // patch if empty
	manager  string // the field manager: of us ours, of others their name
	says     string // the object of the request
	min, max int    // as stored; max is 20 if zero
	marks    string // baseline/floor as stored
	until    string // of the marks; dawn if empty
	more     string // another annotation as stored: key=value
	label    string
	owned    bool // our entry is in managedFields
	idle     bool // it stored nothing
	code     int
	unread   bool // the client went away before its object was read
	status   bool // the subresource
	v1       bool // the response is of autoscaling/v1
}

const (
	us   = "system:serviceaccount:floorkeeper:floorkeeper"
	dusk = "2026-11-20T20:00:00Z"
	dawn = "2026-11-20T22:00:00Z"
)

// gala is an event from 20:00 to 22:00 that gives shop/web a floor of 10.
func gala(amount schedules.Amount, rampDown time.Duration) *schedules.Schedule {
	return schedules.New(nil, []schedules.Event{{
		Entry: schedules.Entry{
			Name: "gala", Location: time.UTC, RampDown: rampDown,
			Targets: []schedules.Target{{Namespace: "shop", Name: "web", Amount: amount}},
		},
		Start: clock(dusk), End: clock(dawn),
	}})
}

func ten() *schedules.Schedule { return gala(schedules.Amount{Replicas: 10}, 0) }

func clock(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// since is a schedule that is in force from a time of day on.
func since(at string, s *schedules.Schedule) InForce {
	return InForce{clock("2026-11-20T" + at + "Z"), s}
}

// setOn is a clock that is set on at a time of day.
func setOn(at string, by time.Duration) func(time.Time) time.Time {
	return func(t time.Time) time.Time {
		if t.Before(clock("2026-11-20T" + at + "Z")) {
			return t
		}
		return t.Add(by)
	}
}

// script writes the audit log of steps, whose auditIDs are their numbers.
func script(t *testing.T, steps []step) []string {
	t.Helper()
	now, version, uid := clock("2026-11-20T19:00:00Z"), 100, 0
	var lines []string
	for i, s := range steps {
		now = now.Add(time.Second)
		if s.at != "" {
			now = clock("2026-11-20T" + s.at + "Z")
		}
		if s.verb == "create" {
			uid++
		}
		expected := version
		if !s.idle && s.code < 400 && s.verb != "delete" {
			version++
		}
		data, err := json.Marshal(s.event(i, now, version, fmt.Sprint("uid-", uid)))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.ReplaceAll(string(data), "EXPECTED", strconv.Itoa(expected))+"\n")
	}
	return lines
}

func (s step) event(i int, now time.Time, version int, uid string) map[string]any {
	verb, manager, subresource := s.verb, s.manager, ""
	if verb == "" {
		verb = "patch"
	}
	user := "owner"
	if s.by == "us" {
		user, manager = us, "floorkeeper"
		if s.says == "" {
			s.says = `{"metadata":{"resourceVersion":"EXPECTED"}}`
		}
	}
	if s.status {
		subresource = "status"
	}
	e := map[string]any{
		"level": "RequestResponse", "auditID": strconv.Itoa(i), "stage": "ResponseComplete", "verb": verb, "user": map[string]any{"username": user},
		"requestURI":     "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web?fieldManager=" + manager,
		"objectRef":      map[string]any{"apiGroup": "autoscaling", "resource": "horizontalpodautoscalers", "subresource": subresource, "namespace": "shop", "name": "web"},
		"responseStatus": map[string]any{"code": max(s.code, 200)}, "requestObject": json.RawMessage("{}"),
		"requestReceivedTimestamp": now, "stageTimestamp": now.Add(5 * time.Millisecond),
	}
	switch {
	case s.unread:
		delete(e, "requestObject")
	case s.says != "":
		e["requestObject"] = json.RawMessage(s.says)
	}
	switch {
	case s.verb == "delete":
		e["responseObject"] = map[string]any{"kind": "Status", "details": map[string]any{"uid": uid}}
	case s.code < 400:
		e["responseObject"] = s.object(version, uid)
	}
	return e
}

// object is what was stored.
func (s step) object(version int, uid string) map[string]any {
	annotations := map[string]any{"team": "video"}
	if baseline, floor, ok := strings.Cut(s.marks, "/"); ok {
		annotations[autoscaler.AnnotationBaseline], annotations[autoscaler.AnnotationFloor] = baseline, floor
		annotations[autoscaler.AnnotationBecause] = "gala"
		annotations[autoscaler.AnnotationSince], annotations[autoscaler.AnnotationUntil] = dusk, cmp.Or(s.until, dawn)
	}
	if key, value, ok := strings.Cut(s.more, "="); ok {
		annotations[key] = value
	}
	owners := []any{map[string]any{"manager": "owner", "operation": "Apply", "fieldsV1": map[string]any{"f:spec": map[string]any{"f:maxReplicas": map[string]any{}}}}}
	if s.owned {
		owners = append(owners, map[string]any{"manager": "floorkeeper", "operation": "Update"})
	}
	object := map[string]any{
		"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
		"metadata": map[string]any{
			"namespace": "shop", "name": "web", "uid": uid, "resourceVersion": strconv.Itoa(version),
			"annotations": annotations, "managedFields": owners, "labels": map[string]any{"tier": s.label},
		},
		"spec":   map[string]any{"minReplicas": s.min, "maxReplicas": 20, "metrics": []any{map[string]any{"type": "Resource"}}},
		"status": map[string]any{"desiredReplicas": 1},
	}
	if s.max > 0 {
		object["spec"].(map[string]any)["maxReplicas"] = s.max
	}
	if s.v1 {
		object["apiVersion"] = "autoscaling/v1"
		delete(object["spec"].(map[string]any), "metrics")
		annotations["autoscaling.alpha.kubernetes.io/metrics"] = `[{"type":"Resource"}]`
	}
	return object
}

// violations checks the script, and returns "I3 by 4" for each violation. The order of the lines must not matter.
func violations(t *testing.T, m Model, steps []step) []string {
	t.Helper()
	lines := script(t, steps)
	var all [2][]string
	for i := range all {
		l, err := read(strings.NewReader(strings.Join(lines, "")))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range m.Check(l) {
			t.Log(v)
			all[i] = append(all[i], v.Invariant+" by "+v.Request.AuditID)
		}
		slices.Reverse(lines)
	}
	if !slices.Equal(all[0], all[1]) {
		t.Errorf("with the lines in another order it finds %q, and not %q", all[1], all[0])
	}
	return all[0]
}
