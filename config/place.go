package config

import "fmt"

// Place is where something stands in a file. Line and Column count from 1, in characters, and are 0 where the file or
// directory as a whole is meant.
type Place struct {
	File         string
	Line, Column int
}

// String returns the place as compilers write it: file:line:column.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Problem returns a problem at the place.
func (p Place) Problem(severity Severity, rule, message string) Problem {
	return Problem{File: p.File, Line: p.Line, Column: p.Column, Message: message, Rule: rule, Severity: severity}
}

// place returns the place of a line and column of the file's data.
func (f File) place(line, column int) Place {
	return Place{File: f.Name, Line: line, Column: column}
}
