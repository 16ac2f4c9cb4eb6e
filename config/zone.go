package config

import (
	_ "embed"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// zoneNames are the names of the IANA database, one per line, for suggestions.
//
//go:embed zones.txt
var zoneNames string

// zone returns the location of an IANA name.
func zone(name string) (*time.Location, error) {
	if slices.Contains([]string{"", "Local", "localtime", "posixrules"}, name) ||
		strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/") {
		return nil, source.Refuse(RuleZone, "%s means something else on every machine; "+
			"write an IANA time zone such as Europe/Paris or UTC", source.Quote(name))
	}
	if location, err := time.LoadLocation(name); err == nil {
		return location, nil
	}
	return nil, source.Refuse(RuleZone, "%s is not an IANA time zone such as Europe/Paris%s", source.Quote(name), similarZone(name))
}

// ParseZone returns the location of an IANA name.
func ParseZone(name string) (*time.Location, error) { return zone(name) }

// similarZone suggests a zone for a name that is misspelt or only a city.
func similarZone(name string) string {
	names := strings.Fields(zoneNames)
	city := "/" + strings.ReplaceAll(strings.ToLower(name), " ", "_")
	for _, candidate := range names {
		if strings.HasSuffix(strings.ToLower(candidate), city) {
			return "; did you mean " + candidate + "?"
		}
	}
	if len(name) <= len("PST") {
		return "" // every abbreviation is close to another
	}
	return didYouMean(name, names)
}
