package config

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// spellings are values, separated by bars. Each replaces VALUE in a document that is otherwise valid.
type spellings struct{ document, values string }

const (
	top    = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\n"
	window = top + "windows: [{VALUE}]"
	event  = top + "events: [{VALUE}]"
	target = top + "windows: [{name: w, start: 10:00, duration: 1h, targets: [{minReplicas: 5, VALUE}]}]"
)

// in puts fields around VALUE.
func in(document, fields string) string { return strings.Replace(document, "VALUE", fields, 1) }

func spellingsOfTimes() map[string]spellings {
	const (
		ramps = `0|0s|00s|45s|10m|90m|1440m|24h|1d|1h30m|30m1h|1.5h|0.5m|23h59m59s|0d1h|25h|2d|36h|99999m|1w|10|-5m|5M|` +
			`""|"0"|"10"|" 5m"|1h-|+5m|1.5s|~|[]`
		clocks = `00:00|"00:00"|9:30|09:30|19:30:15|23:59:59|24:00|24:00:00|24:00:01|24:30|23:60|11:00:60|1930|7pm|` +
			`"11:00 "|11:00:0|2026-12-18T20:00|~`
		moments = `2026-12-18T20:00|"2026-12-18T20:00:59"|2026-12-18T20:00Z|2026-12-18T20:00+05:30|2026-12-18T20:00:00-12:00|` +
			`2028-02-29T00:00|2027-02-29T00:00|2026-12-18T24:00|2026-12-18T24:00:00Z|2026-12-18|20:00|2026-12-18T20:00+24:00|` +
			`2026-12-18T20:00:00.5Z|2026-12-18t20:00|2026-12-18T20|2026-12-18T20:00z|2026-12-18T20:00+0100|2026-12-18 20:00|~`
		targets = "name: a, targets: [{namespace: n, minReplicas: 5}], "
		begun   = "name: a, start: 2026-01-01T00:00, multiplier: 2, "
	)
	return map[string]spellings{
		"leadTime":        {in(window, targets+"start: 10:00, end: 11:00, leadTime: VALUE"), ramps},
		"rampUp at top":   {top + "windows: []\nrampUp: VALUE\n", ramps},
		"rampDown":        {in(event, begun+"duration: 1h, rampDown: VALUE"), ramps},
		"start of window": {in(window, targets+"duration: 1h, start: VALUE"), clocks},
		"end of window":   {in(window, targets+"start: 10:00, end: VALUE"), clocks},
		"start of event":  {in(event, "name: a, duration: 1h, multiplier: 2, start: VALUE"), moments},
		"end of event":    {in(event, begun+"end: VALUE"), moments},
		"duration": {
			in(event, begun+"duration: VALUE"),
			`1s|45s|90m|10080m|168h|7d|2d14h|1d1h30m|1.5h|30m1h|604800s|0|0s|0h0m|8d|169h|1y|90|""|-1h|1e3s|7d7d|~`,
		},
		"timeZone": {
			in(event, begun+"duration: 1h, timeZone: VALUE"),
			`UTC|Europe/Paris|GMT|Etc/GMT+12|Europe/Pari|CEST|Local|""|+01:00|right/UTC|Paris|5|~`,
		},
	}
}

func spellingsOfConditions() map[string]spellings {
	dated := func(field string) string {
		return in(window, "name: a, start: 10:00, duration: 1h, targets: [{namespace: n, minReplicas: 5}], "+field+": VALUE")
	}
	return map[string]spellings{
		"days": {
			dated("days"),
			`[mon]|[mon-fri]|[fri-mon]|[mon-mon]|["mon", tue]|mon|[Mon]|[monday]|[1]|[]|[mon-]|[mon-tue-wed]|[~]`,
		},
		"daysOfMonth": {dated("daysOfMonth"), `[1]|[31]|[-1]|[-31]|[1, -1]|[0]|[32]|[-32]|["1"]|[]|5|[last]|[1-5]|[1.5]`},
		"months": {
			dated("months"),
			`[jan]|[1]|[12]|[nov-feb]|[11-2]|["7"]|["nov-2"]|[0]|[13]|[]|[q1]|[Jan]|[january]|[1-13]|[-1]|[1.5]|jan`,
		},
		"exceptDates": {
			dated("exceptDates"),
			`[]|[2026-12-25]|["2026-12-25"]|[2026-12-25/2026-12-31]|[2026-12-25/]|[2026-02-30]|[2027-02-29/2027-03-01]|[5]|[[]]`,
		},
		"onlyDates": {
			dated("onlyDates"),
			`[]|[2026-12-25]|["2026-12-25"]|[2026-12-25/2026-12-31]|[2026-02-30]|[5]|[[]]|[France]|[25-12]`,
		},
		"firstDate": {
			dated("firstDate"),
			`2026-12-25|"2026-12-25"|2028-02-29|1900-02-29|2026-2-1|20261225|2026-00-10|[]|2026-12-25T10:00`,
		},
		"suspend":     {dated("suspend"), `true|false|yes|on|"true"|1|[]|~`},
		"description": {dated("description"), `text|5|5.5|true|"a\nb\tc"|"bell \a"|"\x7f"|"\x9f"|~|[]|"é"`},
	}
}

func spellingsOfNames() map[string]spellings {
	const (
		names = `a|a-b|0|5|1.5|2027|a1|true|1-2|-a|a-|A|a_b|a.b|a..b|a.-b|.a|""|aé|-1|-5|~|{}`
		keys  = `a|A|5|0|true|-1|a/b|A/b|/b|a/|a/b/c|""|a.b/c|a..b/c|a_b|_a|~|[]`
	)
	upTo := func(length int) string {
		return "|" + strings.Repeat("a", length) + "|" + strings.Repeat("a", length+1)
	}
	prefix := strings.Repeat("a", 253) + "/"
	return map[string]spellings{
		"name":           {in(event, "start: 2026-01-01T00:00, duration: 1h, multiplier: 2, name: VALUE"), names + upTo(63)},
		"namespace":      {in(target, "namespace: VALUE"), names + upTo(63)},
		"name of target": {in(target, "namespace: n, name: VALUE"), names + upTo(253)},
		"key of a label": {
			in(target, "selector: {matchExpressions: [{operator: Exists, key: VALUE}]}"),
			keys + upTo(63) + "|" + prefix + strings.Repeat("a", 63) + "|a" + prefix + strings.Repeat("a", 63),
		},
		"matchLabels": {
			in(target, "selector: {matchLabels: VALUE}"),
			`{}|{a: b}|{a: 0}|{a: 1}|{a: ""}|{a: 1.5}|{a/b: c}|{A/b: c}|{/b: c}|{a: true}|{a: -1}|{a: []}|{"": b}|{1: b}|a`,
		},
		"matchExpressions": {
			in(target, "selector: {matchExpressions: [VALUE]}"),
			`{key: a, operator: Exists}|{key: a, operator: DoesNotExist}|{key: a, operator: Exists, values: [b]}|` +
				`{key: a, operator: DoesNotExist, values: [b]}|{key: a, operator: In}|{key: a, operator: NotIn, values: []}|` +
				`{key: a, operator: In, values: [b]}|{key: a, operator: NotIn, values: [b, 1]}|{key: a}|{operator: Exists}|` +
				`{key: a, operator: in, values: [b]}|{key: a, operator: In, values: b}|a||{}`,
		},
	}
}

func spellingsOfAmounts() map[string]spellings {
	const dated = "name: a, start: 2026-01-01T00:00, "
	return map[string]spellings{
		"multiplier": {
			in(event, dated+"duration: 1h, multiplier: VALUE"),
			`1|1.5|3.5|1000|1000.0|1.001|0.999|1000.001|0|-1|"2"|2x|150%|.inf|.nan|1_0`,
		},
		"minReplicas": {
			in(event, dated+"duration: 1h, targets: [{namespace: n, minReplicas: VALUE}]"),
			`1|999999|150%|"150%"|100.1%|101%|100000%|100000.0%|0|-1|1000000|100%|100.0%|99.9%|100000.1%|112.55%|0150%|5.5|"5"|` +
				`150.%|.5%|~`,
		},
		"fields of a target": {
			target,
			`namespace: a|namespace: a, name: b|selector: {matchLabels: {a: b}}|namespace: a, selector: {matchLabels: {a: b}}||` +
				`name: a|selector: {}|name: a, selector: {matchLabels: {a: b}}|namespace: a, days: [mon]`,
		},
		"fields of an event": {
			in(event, dated+"VALUE"),
			`duration: 1h, multiplier: 2|end: 2026-01-02T00:00, multiplier: 2|duration: 1h, targets: [{namespace: a, minReplicas: 3}]|` +
				`duration: 1h, multiplier: 2, targets: [{namespace: a}]|duration: 1h|multiplier: 2|duration: 1h, targets: []|` +
				`duration: 1h, end: 2026-01-02T00:00, multiplier: 2|duration: 1h, multiplier: 2, targets: []|` +
				`duration: 1h, targets: [{namespace: a}]|duration: 1h, multiplier: 2, targets: [{namespace: a, minReplicas: 3}]|` +
				`duration: 1h, multiplier: 2, targets: {namespace: a}`,
		},
		"items of windows": {
			top + "windows: [VALUE]",
			`{name: a, start: 10:00, end: 11:00, targets: [{namespace: n, minReplicas: 5}]}|` +
				`{start: 10:00, end: 11:00, targets: [{namespace: n, minReplicas: 5}]}|` +
				`{name: a, end: 11:00, targets: [{namespace: n, minReplicas: 5}]}|{name: a, start: 10:00, end: 11:00}|a|[]`,
		},
		"items of events": {
			top + "events: [VALUE]",
			`{name: a, start: 2026-01-01T00:00, duration: 1h, multiplier: 2}|{start: 2026-01-01T00:00, duration: 1h, multiplier: 2}|` +
				`{name: a, duration: 1h, multiplier: 2}|a|[]`,
		},
		"file": {
			"VALUE",
			`{apiVersion: floorkeeper.dev/v1, kind: Schedule, windows: []}|{apiVersion: floorkeeper.dev/v1, kind: Schedule}|` +
				`{kind: Schedule, events: []}|{apiVersion: v1, kind: Schedule, events: []}|[]|a|5`,
		},
	}
}

func TestSchemaAndParseAgreeOnSpellings(t *testing.T) {
	s := compiled(t, "")
	all := map[string]spellings{}
	for _, some := range []map[string]spellings{
		spellingsOfTimes(), spellingsOfConditions(), spellingsOfNames(), spellingsOfAmounts(),
	} {
		maps.Copy(all, some)
	}
	for field, c := range all {
		t.Run(field, func(t *testing.T) {
			verdicts := []bool{}
			for value := range strings.SplitSeq(c.values, "|") {
				file := source.File{Name: "f", Data: []byte(in(c.document, value))}
				read := instanceOf(file)
				if read == nil {
					t.Fatalf("%s: the file has no values:\n%s", value, file.Data)
				}
				_, parsed := Parse(file)
				accepted := s.Validate(read.value)
				if verdicts = append(verdicts, parsed == nil); (parsed == nil) != (accepted == nil) {
					t.Errorf("%s: Parse says %v, the schema %v", value, parsed, accepted)
				}
			}
			if !slices.Contains(verdicts, true) || !slices.Contains(verdicts, false) {
				t.Errorf("all values have the same verdict: %v", verdicts)
			}
		})
	}
}
