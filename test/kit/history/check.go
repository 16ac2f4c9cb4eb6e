package history

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Check returns the violations in the order of the history, the first of each write, and then what is wrong at its end.
func (m Model) Check(l Log) []Violation {
	m.Slack = cmp.Or(m.Slack, DefaultSlack)
	c := &checker{Model: m, log: l, lives: map[string]*life{}, named: map[string]*life{}, recovered: map[int]bool{}}
	if c.End.IsZero() {
		c.End = l.End
	}
	for i := range l.Writes {
		l.Writes[i].noZero = c.NoZero
		if w := &l.Writes[i]; c.concerns(w.Namespace) && !w.Received.After(c.End) {
			c.replay(w)
		}
	}
	c.checkSteadyState()
	for _, h := range c.order {
		c.checkFloor(h)
	}
	slices.SortStableFunc(c.found, func(a, b Violation) int { return a.Request.Received.Compare(b.Request.Received) })
	for _, h := range c.order {
		c.checkEnd(h)
	}
	return c.found
}

// checker is a Model at work on one history.
type checker struct {
	Model
	log   Log
	lives map[string]*life // by UID
	named map[string]*life // the latest, by namespace/name
	order []*life
	found []Violation

	recovered map[int]bool // those of log.Lost that were stored
}

// life is the history of one HPA from its creation to its deletion.
type life struct {
	versions []*version
	ended    time.Time // when it was deleted
	decided  place     // the first that explains our last change, if nothing else gave us a reason to write since
	late     bool      // it was found below its floor for too long
	handed   bool      // ownership was handed back since our last change
}

func (h *life) add(v *version) { h.versions = append(h.versions, v) }

func (h *life) last() *version { return h.versions[len(h.versions)-1] }

// concerns reports whether a namespace is kept; cluster-wide requests are.
func (c *checker) concerns(namespace string) bool {
	return len(c.Namespaces) == 0 || namespace == "" || slices.Contains(c.Namespaces, namespace)
}

func (c *checker) violated(invariant string, r Request, format string, args ...any) {
	c.found = append(c.found, Violation{invariant, r, fmt.Sprintf(format, args...)})
}

// isOurs reports whether floorkeeper made the request, by whatever name.
func (c *checker) isOurs(r Request) bool { return slices.Contains(c.Users, r.User) || isRelease(r) }

// replay takes the history on by one write.
func (c *checker) replay(w *Write) {
	h := c.lives[w.UID]
	if h == nil {
		c.begin(w)
		return
	}
	if !h.ended.IsZero() {
		return
	}
	if w.Deleted {
		h.ended = w.Answered
		if c.isOurs(w.Request) {
			c.violated("I4", w.Request, "it deletes the HPA")
		}
		return
	}
	if !c.recover(h, w) {
		h.add(first(w))
		h.decided = place{}
		return
	}
	c.take(h, w)
}

// take takes the life of an HPA on by one write.
func (c *checker) take(h *life, w *Write) {
	if c.isOurs(w.Request) {
		c.judge(h, h.last(), w)
	} else {
		c.observe(h, h.last(), w)
	}
}

// begin starts the life of an HPA, and ends that of another one of the same name, whose deletion was not seen.
func (c *checker) begin(w *Write) {
	h := &life{}
	c.lives[w.UID] = h
	switch {
	case w.Verb == "create" && c.isOurs(w.Request):
		c.violated("I4", w.Request, "it creates an HPA")
	case w.Verb != "create" && !c.Partial && !c.lostWith("create", w):
		c.violated(Incomplete, w.Request, "the log does not hold the creation of this HPA")
	}
	if w.Deleted {
		h.ended = w.Answered
		return
	}
	name := w.Namespace + "/" + w.Name
	if before := c.named[name]; before != nil && before.ended.IsZero() {
		before.ended = w.Received
	}
	c.named[name] = h
	c.order = append(c.order, h)
	h.add(first(w))
}

// observe takes in a write by somebody else, which may state a new baseline.
func (c *checker) observe(h *life, before *version, w *Write) {
	after := before.followedBy(w)
	if wished, lost := before.loses(after); lost {
		c.violated("I1", w.Request, "it asks for minReplicas %d, and neither that nor a baseline of %[1]d was stored, but %s", wished, after)
	}
	if w.Idle {
		return
	}
	if after.wish.takenOff && (c.refused(after) || after.state.Declared.Valid) { // nothing has to be remembered of it
		after.wish = after.believed()
	}
	h.add(after)
	if before.differs(after) {
		h.decided = place{}
	}
	if w.FieldManager == manager {
		h.handed = false
	}
}
