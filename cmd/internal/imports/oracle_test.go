package imports_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/cmd/internal/imports"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// cronField generates a field and the values that it stands for.
func cronField(t *rapid.T, what string, least, most int) (string, map[int]bool) {
	all := map[int]bool{}
	value := rapid.IntRange(least, most)
	first, second := value.Draw(t, what), value.Draw(t, what)
	first, second = min(first, second), max(first, second)
	add := func(from, to, step int) {
		for v := from; v <= to; v += step {
			all[v] = true
		}
	}
	switch rapid.SampledFrom([]string{"one", "one", "one", "list", "range", "step", "star", "star"}).Draw(t, what) {
	case "one":
		all[first] = true
		return strconv.Itoa(first), all
	case "list":
		all[first], all[second] = true, true
		return fmt.Sprintf("%d,%d", second, first), all
	case "range":
		add(first, second, 1)
		return fmt.Sprintf("%d-%d", first, second), all
	case "step":
		step := rapid.IntRange(2, 12).Draw(t, what)
		add(least, most, step)
		return fmt.Sprintf("*/%d", step), all
	}
	add(least, most, 1)
	return "*", all
}

// cron is a line and, field by field, when it comes due.
type cron struct {
	text                           string
	minute, hour, day, month, week map[int]bool
	starDay, starWeek              bool
}

func drawCron(t *rapid.T, name string) cron {
	var c cron
	fields := make([]string, 5)
	minute := rapid.SampledFrom([]int{0, 0, 15, 30, 59}).Draw(t, name)
	fields[0], c.minute = strconv.Itoa(minute), map[int]bool{minute: true}
	fields[1], c.hour = cronField(t, name+" hour", 0, 23)
	fields[2], c.day = "*", nil
	fields[3], c.month = "*", nil
	if rapid.IntRange(0, 3).Draw(t, name+" dated") == 0 {
		fields[2], c.day = cronField(t, name+" day", 1, 31)
		fields[3], c.month = cronField(t, name+" month", 1, 12)
	}
	fields[4], c.week = cronField(t, name+" weekday", 0, 6)
	c.starDay, c.starWeek = fields[2] == "*", fields[4] == "*"
	c.text = strings.Join(fields, " ")
	return c
}

// due reports whether the line comes due at a minute.
func (c cron) due(t time.Time) bool {
	if !c.minute[t.Minute()] || !c.hour[t.Hour()] || c.month != nil && !c.month[int(t.Month())] {
		return false
	}
	day, week := c.day == nil || c.day[t.Day()], c.week[int(t.Weekday())]
	if c.starDay || c.starWeek {
		return day && week
	}
	return day || week
}

// TestKEDATriggersMeanFromEachStartToTheNextEnd compares what is imported with a walk through two years, minute by
// minute.
func TestKEDATriggersMeanFromEachStartToTheNextEnd(t *testing.T) {
	carried, left := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		start, end := drawCron(t, "start"), drawCron(t, "end")
		draft := imports.KEDA(parseObjects(t, "so.yaml", fmt.Sprintf(`
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web, namespace: shop}
spec:
  minReplicaCount: 1
  triggers:
    - type: cron
      metadata: {timezone: UTC, start: %q, end: %q, desiredReplicas: "7"}
`, start.text, end.text)), imports.Options{})
		judge(t, draft)
		if len(draft.Omitted) > 0 {
			left++
			return
		}
		carried++
		schedule := parseSchedule(t, draft)
		compare(t, schedule, start, end)
	})
	if carried < left {
		t.Errorf("%d triggers were carried over and %d were not", carried, left)
	}
	t.Logf("%d triggers were carried over and %d were not", carried, left)
}

// compare asks the schedule about every minute of a span at whose beginning it is known what holds.
func compare(t *rapid.T, schedule *schedules.Schedule, start, end cron) {
	hpa := schedules.HPA{Namespace: "shop", Name: "keda-hpa-web", Baseline: 1}
	now := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	until := time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
	known, active := false, false
	decision := schedules.Decision{Next: now}
	for ; now.Before(until); now = now.Add(time.Minute) {
		if end.due(now) {
			known, active = true, false
		}
		if start.due(now) {
			known, active = true, true
		}
		if !decision.Next.IsZero() && !now.Before(decision.Next) {
			decision = schedule.At(hpa, now)
		}
		if known && active != (decision.Floor == 7) {
			t.Fatalf("from %q to %q: at %s it is active: %t, and the floor is %d", start.text, end.text, now, active, decision.Floor)
		}
	}
}
