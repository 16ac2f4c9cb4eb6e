package page

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	minFor   = time.Minute         // unless the page shows less without being asked
	maxFor   = 31 * 24 * time.Hour // or more
	maxQuery = 2048
	maxValue = 253 // characters of a name in Kubernetes
)

// Query is what a reader asks for, as it was typed and found to be of use. What is not asked for is empty.
type Query struct {
	From, For, Zone string
	Namespace, Name string
}

// parseQuery reads the query of a URL to a page that shows a range of a length where none is asked for. What can be read is
// returned even with an error, which is for the reader.
func parseQuery(raw string, standing time.Duration) (Query, error) {
	if len(raw) > maxQuery {
		return Query{}, fmt.Errorf("the query is longer than %d characters", maxQuery)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return Query{}, fmt.Errorf("cannot read the query: %w", err)
	}
	var q Query
	fields := map[string]*string{"from": &q.From, "for": &q.For, "tz": &q.Zone, "namespace": &q.Namespace, "name": &q.Name}
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
	return q, q.check(standing)
}

// check refuses what no page can be drawn of.
func (q *Query) check(standing time.Duration) error {
	if q.For != "" {
		span, err := config.ParseDuration(q.For)
		if err != nil {
			return fmt.Errorf("cannot use for: %w", err)
		}
		if least, most := min(minFor, standing), max(maxFor, standing); span < least || span > most {
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
	return q.checkFrom(zone)
}

// checkFrom refuses what is no instant that can be looked at.
func (q *Query) checkFrom(zone *time.Location) error {
	if q.From == "" || q.From == "now" {
		return nil
	}
	if _, err := config.ParseTime(q.From, zone); err != nil {
		return fmt.Errorf("cannot use from: %w", err)
	}
	return nil
}

// Selects says whether the query asks for an HPA.
func (q *Query) Selects(namespace, name string) bool {
	return (q.Namespace == "" || q.Namespace == namespace) && (q.Name == "" || q.Name == name)
}

// controls returns what the form shows. standing is the length of the page where none was asked for.
func (q *Query) controls(standing string) *Controls {
	span := q.For
	if span == "" {
		span = standing
	}
	return &Controls{From: q.From, For: span, Zone: q.Zone, Namespace: q.Namespace, Name: q.Name}
}
