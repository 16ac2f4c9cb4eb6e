// A jq for the tests of docs/ci-examples, which ask for no more than Go, make and git.
module github.com/floorkeeper/floorkeeper/test/ciexamples/jq

go 1.26.0

require github.com/itchyny/gojq v0.12.18

require (
	github.com/clipperhouse/stringish v0.1.1 // indirect
	github.com/clipperhouse/uax29/v2 v2.3.0 // indirect
	github.com/itchyny/go-yaml v0.0.0-20251001235044-fca9a0999f15 // indirect
	github.com/itchyny/timefmt-go v0.1.7 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/mattn/go-runewidth v0.0.19 // indirect
	golang.org/x/sys v0.38.0 // indirect
)
