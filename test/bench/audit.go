package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// audit is the API server's audit log: the clock of the bench. It holds who asked for what and when the answer was sent,
// without objects, so that writing it costs little.
type audit struct {
	file   *os.File
	offset int64
	rest   []byte // of a line that is being written
}

// request is one line of it.
type request struct {
	User      struct{ Username string }
	Verb      string
	ObjectRef struct{ Resource, Subresource, Namespace, Name string }

	ResponseStatus                           struct{ Code int }
	RequestReceivedTimestamp, StageTimestamp time.Time
}

func (r *request) writes() bool { return r.Verb == "create" || r.Verb == "update" || r.Verb == "patch" }

func (r *request) ok() bool { return r.ResponseStatus.Code < 300 }

// key returns the object of the request.
func (r *request) key() types.NamespacedName {
	return types.NamespacedName{Namespace: r.ObjectRef.Namespace, Name: r.ObjectRef.Name}
}

const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  resources: [{group: autoscaling}, {group: apps}]
- level: Metadata
  userGroups: ["system:serviceaccounts"]
- level: None
`

// newAudit returns the flags with which the API server keeps the log in a directory.
func newAudit(dir string) (flags []string, a *audit, err error) {
	rules, path := filepath.Join(dir, "audit-policy.yaml"), filepath.Join(dir, "audit.log")
	if err := errors.Join(os.WriteFile(rules, []byte(policy), 0o600), os.WriteFile(path, nil, 0o600)); err != nil {
		return nil, nil, fmt.Errorf("cannot prepare the audit log: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the audit log: %w", err)
	}
	return []string{
		"--audit-policy-file=" + rules, "--audit-log-path=" + path, "--audit-log-mode=blocking", "--audit-log-maxsize=1000000",
	}, &audit{file: file}, nil
}

// skip leaves out what was logged so far.
func (a *audit) skip() error {
	info, err := a.file.Stat()
	if err != nil {
		return fmt.Errorf("cannot read the audit log: %w", err)
	}
	a.offset, a.rest = info.Size(), nil
	return nil
}

// read returns what was answered since the last call.
func (a *audit) read() ([]request, error) {
	text, err := io.ReadAll(io.NewSectionReader(a.file, a.offset, 1<<62))
	if err != nil {
		return nil, fmt.Errorf("cannot read the audit log: %w", err)
	}
	a.offset += int64(len(text))
	text = append(a.rest, text...)
	last := bytes.LastIndexByte(text, '\n') + 1
	a.rest = bytes.Clone(text[last:])
	var requests []request
	for line := range bytes.Lines(text[:last]) {
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("cannot read the audit log: %w", err)
		}
		requests = append(requests, r)
	}
	return requests, nil
}

// tally is what was written about the HPAs in one round, counted from an instant.
type tally struct {
	from      time.Time
	want      int  // HPAs that change
	handBack  bool // a second patch of each is wanted
	changed   map[types.NamespacedName]bool
	handBacks int
	events    int
	targets   int // scales that change
	scaled    map[types.NamespacedName]bool
	Writes    map[string]int // floorkeeper's answered requests, by verb, resource and code

	First, Change, Event, HandBack, Scale, Last time.Time // the first that was received; the last answers
}

func newTally(from time.Time, want int, handBack bool) *tally {
	return &tally{from: from, want: want, handBack: handBack, changed: map[types.NamespacedName]bool{}, scaled: map[types.NamespacedName]bool{}, Writes: map[string]int{}}
}

// add counts a request. The first successful patch of an HPA is its change, any other one a hand-back.
func (t *tally) add(r request) {
	if !r.writes() || r.ObjectRef.Resource == "leases" {
		return
	}
	if r.ObjectRef.Subresource == "scale" && r.ok() { // by whoever
		t.scale(r)
	}
	if r.User.Username != account || !strings.HasPrefix(r.ObjectRef.Namespace, prefix) { // an Event of the schedule is in another one
		return
	}
	t.Writes[fmt.Sprintf("%s %s %d", r.Verb, r.ObjectRef.Resource, r.ResponseStatus.Code)]++
	if !r.ok() {
		return
	}
	t.Last = later(t.Last, r.StageTimestamp)
	switch {
	case r.ObjectRef.Resource == "events" && r.Verb == "create":
		t.events++
		t.Event = later(t.Event, r.StageTimestamp)
	case r.ObjectRef.Resource == "horizontalpodautoscalers":
		t.patched(r)
	}
}

func (t *tally) patched(r request) {
	if key := r.key(); !t.changed[key] {
		if len(t.changed) == 0 || r.RequestReceivedTimestamp.Before(t.First) {
			t.First = r.RequestReceivedTimestamp
		}
		t.changed[key] = true
		t.Change = later(t.Change, r.StageTimestamp)
		return
	}
	t.handBacks++
	t.HandBack = later(t.HandBack, r.StageTimestamp)
}

// scale counts the first write of a scale.
func (t *tally) scale(r request) {
	if key := r.key(); !t.scaled[key] {
		t.scaled[key] = true
		t.Scale = later(t.Scale, r.StageTimestamp)
	}
}

// perHPA returns how many requests changed something, by each HPA.
func (t *tally) perHPA() float64 {
	return float64(len(t.changed)+t.handBacks+t.events) / float64(max(1, t.want))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (t *tally) complete() bool {
	return len(t.changed) >= t.want && t.events >= t.want && (!t.handBack || t.handBacks >= t.want) && len(t.scaled) >= t.targets
}

func (t *tally) String() string {
	return fmt.Sprintf("%d of %d HPAs, %d Events, %d hand-backs, %d of %d scales", len(t.changed), t.want, t.events, t.handBacks, len(t.scaled), t.targets)
}

// settlement is how long the log has to be quiet after the last write that was expected.
const settlement = time.Second

// await reads the log until everything is written, and a moment more for what should not be.
func (t *tally) await(ctx context.Context, a *audit, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for {
		requests, err := a.read()
		if err != nil {
			return err
		}
		for _, r := range requests {
			t.add(r)
		}
		switch now := time.Now(); {
		case t.complete() && now.Sub(t.Last) > settlement:
			return nil
		case now.After(deadline):
			return fmt.Errorf("after %s there were %s", patience, t)
		}
		if err := sleep(ctx, time.Now().Add(200*time.Millisecond)); err != nil {
			return err
		}
	}
}

// since returns how long after the beginning an instant is.
func (t *tally) since(instant time.Time) float64 { return instant.Sub(t.from).Seconds() }
