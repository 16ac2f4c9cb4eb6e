package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"time"
)

// event is a line of the audit log, as audit.k8s.io/v1 has it.
type event struct {
	Level            string
	AuditID          string
	Stage            string
	RequestURI       string
	Verb             string
	User             user
	ImpersonatedUser *user
	ObjectRef        struct{ APIGroup, Resource, Subresource, Namespace, Name string }
	ResponseStatus   struct{ Code int }
	RequestObject    json.RawMessage
	ResponseObject   map[string]any

	RequestReceivedTimestamp, StageTimestamp time.Time
}

type user struct{ Username string }

// Read returns the history that the audit log at path holds. A log that cannot be judged is an error: one that misses
// what was stored, or that was not made with [AuditPolicy]. A last line that has no end yet is left out.
func Read(path string) (Log, error) {
	file, err := os.Open(path)
	if err != nil {
		return Log{}, fmt.Errorf("cannot read the audit log: %w", err)
	}
	defer file.Close()
	l, err := read(file)
	if err != nil {
		return Log{}, fmt.Errorf("cannot read the audit log %s: %w", path, err)
	}
	return l, nil
}

func read(r io.Reader) (Log, error) {
	var l Log
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return Log{}, err
		}
		if err := l.add(line, number); err != nil {
			return Log{}, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if len(l.Writes) == 0 {
		return Log{}, errors.New("it holds no write of a HorizontalPodAutoscaler")
	}
	return l, l.arrange()
}

// add adds a line to the log.
func (l *Log) add(line []byte, number int) error {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	if e.Stage != "ResponseComplete" && e.Stage != "Panic" {
		return nil
	}
	request, dryRun, err := e.request(number)
	if err != nil {
		return err
	}
	l.Requests = append(l.Requests, request)
	if l.End.Before(request.Answered) {
		l.End = request.Answered
	}
	if dryRun || !request.writesHPA() || request.Code >= 400 && request.Code < 500 || e.unread() {
		return nil
	}
	return l.addWrite(Write{Request: request, stored: e.ResponseObject}, e)
}

// failed reports whether nobody learned if the request was stored.
func (e *event) failed() bool {
	code := e.ResponseStatus.Code
	return e.Stage == "Panic" || code == 0 || code >= 500
}

// unread reports whether the request failed before its object had been read, as one does whose client goes away. The API
// server notes the object in the event before it stores anything, and writes the event down after all else, so nothing
// was stored (k8s.io/apiserver/pkg/endpoints/handlers: patch.go, update.go and create.go).
func (e *event) unread() bool {
	return e.failed() && e.Level == "RequestResponse" && len(e.RequestObject) == 0 && carriesObject(e.Verb)
}

// carriesObject reports whether a request is nothing without an object.
func carriesObject(verb string) bool { return verb == "create" || verb == "update" || verb == "patch" }

// addWrite adds a write that was stored, or may have been; a deletion of many HPAs is one write of each.
func (l *Log) addWrite(w Write, e event) error {
	if err := w.decode(e.RequestObject); err != nil {
		return err
	}
	switch {
	case e.failed():
		l.Lost = append(l.Lost, w)
		return nil
	case w.stored == nil:
		return errors.New("the response is missing: the audit policy must have the level RequestResponse, and nothing may truncate it")
	case w.Verb == "deletecollection":
		return l.addDeletions(w)
	}
	err := w.identify()
	l.Writes = append(l.Writes, w)
	return err
}

// addDeletions adds a write for each of many HPAs that were deleted.
func (l *Log) addDeletions(w Write) error {
	items, ok := w.stored["items"].([]any)
	if !ok {
		return errors.New("the response does not list what was deleted")
	}
	for _, item := range items {
		one := w
		if one.stored, ok = item.(map[string]any); !ok {
			return errors.New("the response lists what is no object")
		}
		one.stored["kind"], one.stored["apiVersion"] = "HorizontalPodAutoscaler", w.stored["apiVersion"] // which items of a list omit
		if err := one.identify(); err != nil {
			return err
		}
		one.Name, one.Deleted = text(one.stored, "metadata", "name"), one.Deleted || text(one.stored, "metadata", "deletionTimestamp") == ""
		l.Writes = append(l.Writes, one)
	}
	return nil
}

// decode reads the object or the patch of the request.
func (w *Write) decode(said json.RawMessage) error {
	said = bytes.TrimSpace(said)
	switch {
	case len(said) == 0 && carriesObject(w.Verb):
		return errors.New("the object of the request is missing: the audit policy must have the level RequestResponse")
	case len(said) == 0:
		return nil
	case said[0] == '[':
		return json.Unmarshal(said, &w.steps)
	default:
		return json.Unmarshal(said, &w.said)
	}
}

// identify finds out which HPA was written, and whether it is gone.
func (w *Write) identify() error {
	if text(w.stored, "kind") == "Status" {
		w.UID, w.Deleted = text(w.stored, "details", "uid"), true
	} else {
		version, err := parseVersion(text(w.stored, "metadata", "resourceVersion"))
		if err != nil {
			return err
		}
		w.UID, w.Version = text(w.stored, "metadata", "uid"), version
		w.Name = text(w.stored, "metadata", "name") // the request to create it may not say
		finalizers, _ := at(w.stored, "metadata", "finalizers").([]any)
		w.Deleted = text(w.stored, "metadata", "deletionTimestamp") != "" && len(finalizers) == 0
	}
	if w.UID == "" {
		return errors.New("the response does not tell the UID")
	}
	return nil
}

// request returns the line without its objects, and whether it was a dry run.
func (e *event) request(number int) (r Request, dryRun bool, err error) {
	uri, err := url.ParseRequestURI(e.RequestURI)
	if err != nil {
		return Request{}, false, err
	}
	who := e.User
	if e.ImpersonatedUser != nil {
		who = *e.ImpersonatedUser
	}
	query := uri.Query()
	return Request{
		Line: number, AuditID: e.AuditID, User: who.Username, Verb: e.Verb,
		Group: e.ObjectRef.APIGroup, Resource: e.ObjectRef.Resource, Subresource: e.ObjectRef.Subresource,
		Namespace: e.ObjectRef.Namespace, Name: e.ObjectRef.Name,
		FieldManager: query.Get("fieldManager"), Code: e.ResponseStatus.Code,
		Received: e.RequestReceivedTimestamp, Answered: e.StageTimestamp,
	}, query.Has("dryRun"), nil
}

// writesHPA reports whether the request is one that may change an HPA.
func (r Request) writesHPA() bool {
	if r.Group != "autoscaling" || r.Resource != "horizontalpodautoscalers" {
		return false
	}
	switch r.Verb {
	case "get", "list", "watch":
		return false
	default:
		return true
	}
}

// parseVersion reads a resourceVersion. Those of etcd are numbers, and ascend.
func parseVersion(resourceVersion string) (uint64, error) {
	return strconv.ParseUint(resourceVersion, 10, 64)
}
