package config

import "github.com/floorkeeper/floorkeeper/config/source"

// The words of package source that everybody needs who reads a schedule.
type (
	// File is a schedule file.
	File = source.File
	// Place is where something is in a file.
	Place = source.Place
	// Problem is something wrong at a place of a file.
	Problem = source.Problem
	// Problems are all problems of a schedule, sorted by place.
	Problems = source.Problems
	// Severity is how bad a problem is.
	Severity = source.Severity
)

// The severities of problems.
const (
	SeverityError   = source.SeverityError
	SeverityWarning = source.SeverityWarning
	SeverityNote    = source.SeverityNote
)
