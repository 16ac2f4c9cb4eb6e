package pageserver

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
	"github.com/floorkeeper/floorkeeper/config"
)

const (
	maxFor   = 31 * 24 * time.Hour
	maxQuery = 2048
	maxValue = 253 // characters of a name in Kubernetes
)

// Query is what a reader asks for, as it was typed and found to be of use. What is not asked for is empty.
type Query struct {
	From, For, Zone string
	Namespace, Name string
}

// ParseQuery reads the query of a URL. Its errors are for the reader.
func ParseQuery(raw string) (Query, error) {
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
			return Query{}, fmt.Errorf("there is no parameter %.40q; there are from, for, tz, namespace and name", key)
		case len(all) > 1:
			return Query{}, fmt.Errorf("%s is given %d times; give it once", key, len(all))
		case len(all[0]) > maxValue:
			return Query{}, fmt.Errorf("%s is longer than %d characters", key, maxValue)
		}
		*field = strings.TrimSpace(all[0])
	}
	return q, q.check()
}

// check refuses what no page can be drawn of.
func (q *Query) check() error {
	if q.For != "" {
		span, err := config.ParseDuration(q.For)
		if err != nil {
			return fmt.Errorf("cannot use for: %w", err)
		}
		if span < time.Minute || span > maxFor {
			return fmt.Errorf("cannot use for=%s: give from 1m to 31d, such as 36h", q.For)
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
func (q *Query) controls(standing string) *timeline.Controls {
	span := q.For
	if span == "" {
		span = standing
	}
	return &timeline.Controls{From: q.From, For: span, Zone: q.Zone, Namespace: q.Namespace, Name: q.Name}
}
