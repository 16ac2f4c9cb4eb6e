package page

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

const (
	minFor   = time.Minute         // unless the page shows less without being asked
	maxFor   = 31 * 24 * time.Hour // or more
	maxQuery = 2048
	maxValue = 253 // characters of a name in Kubernetes
)

// Query is what a reader asks for, as it was typed and found to be valid. What is not asked for is empty.
type Query struct {
	From, For, Zone string
	Namespace, Name string
}

func (q *Query) parameters() map[string]*string {
	return map[string]*string{"from": &q.From, "for": &q.For, "tz": &q.Zone, "namespace": &q.Namespace, "name": &q.Name}
}

// parseQuery reads the query of a URL to a page that shows a range of a length where none is asked for. What can be read is
// returned even with an error, which is for the reader.
func parseQuery(raw, defaultRange string) (Query, error) {
	if len(raw) > maxQuery {
		return Query{}, fmt.Errorf("the query is longer than %d characters", maxQuery)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return Query{}, fmt.Errorf("cannot read the query: %w", err)
	}
	var q Query
	fields := q.parameters()
	for key, all := range values {
		field := fields[key]
		switch {
		case field == nil:
			return q, fmt.Errorf("there is no parameter %.40q; there are from, for, tz, namespace and name", key)
		case len(all) > 1:
			return q, fmt.Errorf("%s is given %d times; give it once", key, len(all))
		case len(all[0]) > maxValue:
			return q, fmt.Errorf("%s is longer than %d characters", key, maxValue)
		}
		*field = strings.TrimSpace(all[0])
	}
	if day, clock, found := strings.Cut(q.From, " "); found { // as people write it
		q.From = day + "T" + strings.TrimSpace(clock)
	}
	return q, q.check(defaultRange)
}

// check refuses what no page can be drawn of.
func (q *Query) check(defaultRange string) error {
	if q.For != "" {
		usual, _ := config.ParseDuration(defaultRange) // it is ours
		span, err := config.ParseDuration(q.For)
		if err != nil {
			return fmt.Errorf("cannot use for: %w", err)
		}
		if least, most := min(minFor, usual), max(maxFor, usual); span < least || span > most {
			return fmt.Errorf("cannot use for=%s: give from %s to %s, such as 36h", q.For, schedules.FormatDuration(least), schedules.FormatDuration(most))
		}
	}
	zone := time.UTC
	if q.Zone != "" {
		asked, err := config.ParseZone(q.Zone)
		if err != nil {
			return fmt.Errorf("cannot use tz: %w", err)
		}
		zone = asked
	}
	if q.From != "" && q.From != "now" {
		if _, err := config.ParseTime(q.From, zone); err != nil {
			return fmt.Errorf("cannot use from: %w", err)
		}
	}
	return nil
}

// Selects reports whether the query asks for an HPA.
func (q *Query) Selects(namespace, name string) bool {
	return (q.Namespace == "" || q.Namespace == namespace) && (q.Name == "" || q.Name == name)
}

func (q Query) address() string {
	values := make(url.Values)
	for key, value := range q.parameters() {
		if *value != "" {
			values.Set(key, *value)
		}
	}
	return "?" + values.Encode()
}

type rangeLink struct {
	Text, Href string
	Current    bool
}

// Ranges returns links to the usual lengths, with everything else as it is.
func (p *picture) Ranges() (links []rangeLink) {
	q, current := *p.Controls, p.Controls.For
	for _, each := range []struct{ text, length string }{{"1 day", "1d"}, {"2 days", "2d"}, {"1 week", "7d"}, {"31 days", "31d"}} {
		q.For = each.length
		links = append(links, rangeLink{each.text, q.address(), current == each.length})
	}
	return links
}

// Filter returns which HPAs are asked for, if not all.
func (q Query) Filter() string {
	switch namespace, name := text.Line(q.Namespace), text.Line(q.Name); {
	case namespace != "" && name != "":
		return namespace + "/" + name
	case namespace != "":
		return "namespace " + namespace
	case name != "":
		return "name " + name
	default:
		return ""
	}
}

// Unfiltered returns the address at which the same is asked of all HPAs.
func (q Query) Unfiltered() string {
	q.Namespace, q.Name = "", ""
	return q.address()
}
