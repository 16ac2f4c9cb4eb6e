package history

import (
	"strings"
	"testing"
)

// line returns a line of the log that a script makes, with texts replaced in pairs.
func line(t *testing.T, s step, replaced ...string) string {
	t.Helper()
	return strings.NewReplacer(replaced...).Replace(script(t, []step{s})[0])
}

// TestReadUnusable wants every log that cannot be judged to be refused.
func TestReadUnusable(t *testing.T) {
	tests := map[string]struct{ log, want string }{
		"it is empty":             {"", "no write of a HorizontalPodAutoscaler"},
		"it holds reads only":     {line(t, created, `"verb":"create"`, `"verb":"get"`), "no write of a HorizontalPodAutoscaler"},
		"it is not an audit log":  {"hello\n", "line 1: invalid character"},
		"the response is missing": {line(t, created, "responseObject", "x"), "line 1: the response is missing"},
		"the request is missing":  {line(t, created, "requestObject", "x"), "line 1: the object of the request is missing"},
		"the request that failed is missing, as all are by another policy": {
			line(t, step{by: "us", code: 500, unread: true}, `"level":"RequestResponse"`, `"level":"Metadata"`), "line 1: the object of the request is missing",
		},
		"the response is a table":  {line(t, created, `"kind":"HorizontalPodAutoscaler"`, `"kind":"Table"`), "the response is a Table"},
		"the version is too new":   {line(t, created, "autoscaling/v2\"", "autoscaling/v3\""), "autoscaling/v3"},
		"the version is no number": {line(t, created, `"resourceVersion":"101"`, `"resourceVersion":"x"`), "line 1: strconv.ParseUint"},
		"what was deleted is not reported": {
			line(t, created, `"verb":"create"`, `"verb":"deletecollection"`), "line 1: the response does not list what was deleted",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := read(strings.NewReader(test.log)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("it is refused with %v, want %q", err, test.want)
			}
		})
	}
}

// TestRead wants only what was stored, in the order in which it was.
func TestRead(t *testing.T) {
	lines := script(t, []step{
		created,
		{by: "owner", min: 5, idle: true},
		{by: "owner", min: 6},
		{by: "owner", min: 7, code: 422},
		{by: "owner", min: 8, code: 500},
		{verb: "delete"},
		{verb: "create", min: 9},
	})
	dry := line(t, step{by: "owner", min: 3}, "?fieldManager=", "?dryRun=All&fieldManager=")
	early := line(t, step{by: "owner", min: 3}, "ResponseComplete", "RequestReceived")
	half := strings.TrimSuffix(line(t, step{by: "owner", min: 3}), "}\n")
	l, err := read(strings.NewReader(lines[6] + lines[5] + dry + lines[2] + early + lines[4] + lines[3] + lines[1] + lines[0] + half))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		id            string
		idle, deleted bool
		line          int
	}{{"0", false, false, 9}, {"1", true, false, 8}, {"2", false, false, 4}, {"5", false, true, 2}, {"6", false, false, 1}}
	if len(l.Writes) != len(want) || len(l.Lost) != 1 || l.Lost[0].AuditID != "4" {
		t.Fatalf("it reads %d writes and %d lost ones, want %d and request 4", len(l.Writes), len(l.Lost), len(want))
	}
	for i, w := range l.Writes {
		if w.AuditID != want[i].id || w.Idle != want[i].idle || w.Deleted != want[i].deleted || w.Line != want[i].line {
			t.Errorf("write %d is %+v, want %+v", i, w, want[i])
		}
	}
	if !l.Has("shop", "web", "103") || l.Has("shop", "web", "104") || l.Has("shop", "api", "101") {
		t.Error("it does not know what it has")
	}
}

// TestReadConverts wants autoscaling/v1 to be read as autoscaling/v2, with what v1 does not contain as it was.
func TestReadConverts(t *testing.T) {
	l, err := read(strings.NewReader(strings.Join(script(t, []step{created, {by: "owner", min: 5, v1: true}}), "")))
	if err != nil {
		t.Fatal(err)
	}
	before, after := l.Writes[0], l.Writes[1]
	wantUntouched(t, before, after)
	if !after.coarse || *after.HPA.Spec.MinReplicas != 5 || after.HPA.Status.DesiredReplicas != before.HPA.Status.DesiredReplicas {
		t.Errorf("it reads %+v", after.HPA)
	}
}

// TestReadMetadata wants a response with metadata alone to be completed from the write before it.
func TestReadMetadata(t *testing.T) {
	lines := script(t, []step{created, {by: "owner", label: "x"}})
	partial := strings.NewReplacer(`"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler"`,
		`"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadata"`, `"spec":`, `"x":`).Replace(lines[1])
	l, err := read(strings.NewReader(lines[0] + partial))
	if err != nil {
		t.Fatal(err)
	}
	if after := l.Writes[1].HPA; *after.Spec.MinReplicas != 4 || after.Labels["tier"] != "x" {
		t.Errorf("it reads %+v", after)
	}
	if _, err := read(strings.NewReader(partial)); err == nil {
		t.Error("it makes an HPA of metadata alone")
	}
}

// TestReadImpersonation wants the user for whom a request was made.
func TestReadImpersonation(t *testing.T) {
	l, err := read(strings.NewReader(line(t, created, `"user":{"username":"owner"}`, `"user":{"username":"admin"},"impersonatedUser":{"username":"owner"}`)))
	if err != nil || l.Writes[0].User != "owner" {
		t.Errorf("it reads %+v (%v)", l.Writes, err)
	}
}

// wantUntouched checks that a write changed nothing that we may not change, as if it were ours.
func wantUntouched(t *testing.T, before, after Write) {
	t.Helper()
	if touched := (&checker{}).foreignChanges(first(&before), first(&after)); touched != nil {
		t.Errorf("it finds %q touched", touched)
	}
}

// TestHasALostWrite wants the log to be whole where the last write of an HPA is one whose answer was lost.
func TestHasALostWrite(t *testing.T) {
	lost := step{at: "20:00:01", by: "us", code: 504, says: `{"spec":{"minReplicas":10}}`}
	l, err := read(strings.NewReader(strings.Join(script(t, []step{created, lost}), "")))
	if err != nil {
		t.Fatal(err)
	}
	if !l.Has("shop", "web", "900") || l.Has("shop", "api", "900") {
		t.Error("the lost write of shop/web may be version 900, and nothing else is")
	}
	l, err = read(strings.NewReader(strings.Join(script(t, []step{created, lost, {at: "20:00:02", by: "owner", min: 5}}), "")))
	if err != nil {
		t.Fatal(err)
	}
	if l.Has("shop", "web", "900") {
		t.Error("a write after the lost one shows that version 900 is still missing")
	}
}
