package diff_test

import "strings"

// edits are pairs of schedules; each has golden files of its name.
func edits() map[string][2]string {
	final := func(start, end string) string {
		return nightly + `events: [{name: cup-final, start: "` + start + `", end: "` + end + `", leadTime: 45m, rampDown: 20m, multiplier: 3}]`
	}
	sale := func(start, end string) string {
		return `
windows: [{name: prime, days: [fri-sun], start: "19:30", end: "00:30", leadTime: 10m, targets: [{namespace: video, name: images, minReplicas: 25}, {namespace: video, name: player, minReplicas: 150%}]}]
events: [{name: night-sale, description: "Half price from midnight on,\n  and <b>spots</b> on television | @all", start: "` + start + `", end: "` + end + `", leadTime: 30m, rampDown: 90m, multiplier: 3}]`
	}
	return map[string][2]string{
		"an event moves by an hour over the autumn change": {final("2027-10-31T01:30", "2027-10-31T04:30"), final("2027-10-31T02:30", "2027-10-31T05:30")},
		"an event moves by an hour over the spring change": {final("2027-03-28T01:30", "2027-03-28T03:30"), final("2027-03-28T00:30", "2027-03-28T02:30")},
		"a window begins half an hour earlier": {nightly, `
windows: [{name: prime-time, start: "19:00", end: "00:30", targets: [{namespace: video, minReplicas: 25}]}]`},
		"other words for the same": {nightly, `
windows:
  - start: "19:30:00"
    duration: 5h
    name: prime-time
    days: [sat, sun, mon-fri]
    targets: [{minReplicas: 25, namespace: video}, {minReplicas: 7, namespace: video, name: images}]`},
		"an entry goes and another comes": {nightly, `
windows: [{name: late, days: [fri, sat], start: "22:00", end: "23:00", targets: [{namespace: video, name: images, minReplicas: 300%}]}]`},
		"an event is suspended":                        {final("2026-12-18T20:00", "2026-12-18T23:30"), nightly + `events: [{name: cup-final, suspend: true, start: "2026-12-18T20:00", end: "2026-12-18T23:30", multiplier: 3}]`},
		"an event moves into the hour that is skipped": {final("2027-03-28T01:30", "2027-03-28T02:30"), final("2027-03-28T02:30", "2027-03-28T03:30")},
		"a window ends an hour later over the changes": {
			`windows: [{name: late, start: "01:30", end: "02:30", targets: [{namespace: video, minReplicas: 70}]}]`,
			`windows: [{name: late, start: "01:30", end: "03:30", targets: [{namespace: video, minReplicas: 70}]}]`,
		},
		"a window moves into the hour that comes twice": {
			`windows: [{name: late, start: "00:00", duration: 2h, targets: [{namespace: video, minReplicas: 25}]}]`,
			`windows: [{name: late, start: "00:00", duration: 2h30m, targets: [{namespace: video, minReplicas: 25}]}]`,
		},
		"the last night of a month is longer": {
			`windows: [{name: billing, daysOfMonth: [-1], start: "22:00", end: "23:00", targets: [{namespace: shop, minReplicas: 12}]}]`,
			`windows: [{name: billing, daysOfMonth: [-1], start: "22:00", end: "23:30", targets: [{namespace: shop, minReplicas: 12}]}]`,
		},
		"a window becomes an event of its name": {nightly, `
events: [{name: prime-time, start: "2026-12-18T20:00", end: "2026-12-18T23:30", rampDown: 20m, multiplier: 3, targets: [{namespace: video}]}]`},
		"a window on fewer days": {nightly, `
windows: [{name: prime-time, days: [sun, mon-wed], start: "19:30", end: "00:30", targets: [{namespace: video, minReplicas: 25}]}]`},
		"a ramp down lengthens": {
			`windows: [{name: late, start: "20:00", end: "22:00", rampDown: 20m, targets: [{namespace: video, minReplicas: 25}]}]`,
			`windows: [{name: late, start: "20:00", end: "22:00", rampDown: 1h, targets: [{namespace: video, minReplicas: 25}]}]`,
		},
		"a sale with a long ramp moves over the autumn change": {sale("2027-10-31T01:30", "2027-10-31T04:00"), sale("2027-10-31T02:30", "2027-10-31T05:00")},
		"a weekend starts an hour later": {
			`windows: [{name: weekend, days: [fri], start: "18:00", duration: 2d14h, targets: [{namespace: video, minReplicas: 25}]}]`,
			`windows: [{name: weekend, days: [fri], start: "19:00", duration: 2d14h, targets: [{namespace: video, minReplicas: 25}]}]`,
		},
		"a window has another name": {nightly, strings.Replace(nightly, "prime-time", "evening", 1)},
		"a window splits in two": {nightly, `
windows:
  - {name: week, days: [mon-thu, sun], start: "19:30", end: "00:30", targets: [{namespace: video, minReplicas: 25}]}
  - {name: weekend, days: [fri-sat], start: "19:30", end: "02:00", targets: [{namespace: video, minReplicas: 25}]}`},
		"a window goes by another zone":                        {nightly, strings.Replace(nightly, "prime-time,", "prime-time, timeZone: Europe/London,", 1)},
		"a window goes by a zone of other shifts further east": {nightly, strings.Replace(nightly, "prime-time,", "prime-time, timeZone: Asia/Tokyo,", 1)},
		"a window goes by a zone of other shifts":              {nightly, strings.Replace(nightly, "prime-time,", "prime-time, timeZone: America/New_York,", 1)},
		"an event of another zone ends later": {
			`events: [{name: launch, timeZone: America/New_York, start: "2026-12-18T20:00", end: "2026-12-18T21:00", targets: [{namespace: video, minReplicas: 40}]}]`,
			`events: [{name: launch, timeZone: America/New_York, start: "2026-12-18T20:00", duration: 2h, targets: [{namespace: video, minReplicas: 40}]}]`,
		},
		"a window in UTC and school holidays": {`windows: []`, `
windows:
  - {name: lessons, timeZone: UTC, days: [mon-fri], start: "07:00", end: "16:00", exceptDates: [2026-12-24/2027-01-06, 2027-03-25/2027-04-05, 2027-05-06], targets: [{namespace: video, minReplicas: 25}]}`},
		"days that have no pattern": {`windows: []`, `
windows:
  - {name: paydays, daysOfMonth: [1, 2, 3, 15], months: [jan, mar, may, jul, sep], start: "07:00", end: "16:00", targets: [{namespace: video, minReplicas: 25}]}`},
		"nothing": {nightly, nightly},
	}
}
