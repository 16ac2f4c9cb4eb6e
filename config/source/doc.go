// Package source is text with places: a file, its YAML as nodes that know their line and column, and problems that lie
// there. It is the only package that imports the YAML library, whose panics, aliases and wrong places end here.
//
// It may import nothing of floorkeeper. It has no clock, and reads files in ReadFile and ReadFrom alone.
package source
