package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/zones"
)

// ParseZone returns the location of an IANA name.
func ParseZone(name string) (*time.Location, error) {
	if slices.Contains([]string{"", "Local", "localtime", "posixrules"}, name) ||
		strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/") {
		return nil, source.Refuse(RuleZone, "%s means something else on every machine; "+
			"write an IANA time zone such as Europe/Paris or UTC", source.Quote(name))
	}
	if location, err := zones.Load(name); err == nil {
		return location, nil
	}
	if zone := foldedZone(name); zone != "" {
		return nil, source.Refuse(RuleZone, "%s is not an IANA time zone such as Europe/Paris; did you mean %s?%s", source.Quote(name),
			zone, strings.TrimRight(" "+zones.Fixed(zone), " "))
	}
	if advice := offsetAdvice(name); advice != "" {
		return nil, source.Refuse(RuleZone, "%s is an offset from UTC and not an IANA time zone; %s", source.Quote(name), advice)
	}
	if advice := abbreviationAdvice(name); advice != "" {
		return nil, source.Refuse(RuleZone, "%s is an abbreviation and not an IANA time zone; %s", source.Quote(name), advice)
	}
	return nil, source.Refuse(RuleZone, "%s is not an IANA time zone such as Europe/Paris%s", source.Quote(name), similarZone(name))
}

// abbreviationAdvice returns what to write in place of an abbreviation that clocks show, and "" where the name is none that is
// well known. Several countries use some of them: CST, IST.
func abbreviationAdvice(name string) string {
	if name == "Z" {
		return "write UTC"
	}
	city, known := map[string]string{
		"PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "MDT": "America/Denver", "CST": "America/Chicago or Asia/Shanghai",
		"CDT": "America/Chicago", "EDT": "America/New_York", "BST": "Europe/London", "CEST": "Europe/Paris", "EEST": "Europe/Athens",
		"MSK": "Europe/Moscow", "IST": "Asia/Kolkata or Europe/Dublin", "SGT": "Asia/Singapore", "JST": "Asia/Tokyo", "KST": "Asia/Seoul",
		"AEST": "Australia/Sydney", "AEDT": "Australia/Sydney", "ACST": "Australia/Adelaide", "AWST": "Australia/Perth", "NZST": "Pacific/Auckland",
	}[name]
	if !known {
		return ""
	}
	return "write the zone of a city, such as " + city
}

// foldedZone returns the zone whose name differs in case alone, or "".
func foldedZone(name string) string {
	for zone := range zones.Names() {
		if strings.EqualFold(zone, name) {
			return zone
		}
	}
	return ""
}

// similarZone returns a suggestion for a wrong name. There is none where a wrong guess would be hours off: for abbreviations,
// which differ in a letter or two, and for names with an offset.
func similarZone(name string) string {
	const longestAbbreviation = len("AEST")
	names := slices.Collect(zones.Names())
	city := "/" + strings.ReplaceAll(strings.ToLower(name), " ", "_")
	for _, zone := range names {
		if strings.HasSuffix(strings.ToLower(zone), city) {
			return "; did you mean " + zone + "?"
		}
	}
	if len(name) <= longestAbbreviation || strings.ContainsAny(name, "+-0123456789") {
		return ""
	}
	return didYouMean(name, slices.DeleteFunc(names, func(zone string) bool { return len(zone) <= longestAbbreviation }))
}

// offsetAdvice returns what to write in place of an offset such as UTC+2 or +05:30, and "" where the name is none. The zones
// of whole hours have the opposite sign: Etc/GMT-2 is two hours ahead of UTC.
func offsetAdvice(name string) string {
	parts := regexp.MustCompile(`(?i)^(?:Etc/)?(?:UTC|GMT)? ?([+-])(\d\d?)(?::?(\d\d))?$`).FindStringSubmatch(name)
	if parts == nil {
		return ""
	}
	const city = "write the zone of a city, such as Europe/Paris"
	hours, _ := strconv.Atoi(parts[2])
	opposite := map[string]string{"+": "-", "-": "+"}[parts[1]]
	switch fixed := fmt.Sprintf("Etc/GMT%s%d", opposite, hours); {
	case strings.Trim(parts[3], "0") != "":
	case hours == 0:
		return city + ", or UTC"
	default:
		if _, err := zones.Load(fixed); err == nil {
			return fmt.Sprintf("%s; UTC%s%d all year is %s", city, parts[1], hours, fixed)
		}
	}
	return city
}
