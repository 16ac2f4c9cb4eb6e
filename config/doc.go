// Package config turns schedule files into a [schedules.Schedule], or into every problem that they have, each with its
// place, and follows files that change.
//
// It walks the YAML document by hand, because a person who misspelt a field wants the line and the column of all their
// mistakes at once, and because `minReplicas: 010` must not silently mean 8. Text and its places are those of package source.
//
// It may import package schedules, its own package source, fsnotify and apimachinery's label and name rules; never the
// controller. Parsing has no clock and does no I/O.
//
// Read [Parse] first, then window.go, which reads like the list of a window's fields, then [Follower].
package config
