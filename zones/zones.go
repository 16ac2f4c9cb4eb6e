// Package zones is the IANA time zone database of floorkeeper. It is part of the binary, so that a schedule means the same
// on every machine: neither $ZONEINFO nor the zone files of a system are read.
package zones

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
)

// archive is laid out like lib/time/zoneinfo.zip of a Go release. See update.
//
//go:embed zoneinfo.zip
var archive string

//go:embed RELEASE
var release string

// Release returns the release of the database, such as 2026b.
func Release() string { return strings.TrimSpace(release) }

// Names returns the names of all zones in order.
func Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for name := range files() {
			if name != "Factory" && !yield(name) { // Factory is that of a machine whose zone nobody has set
				return
			}
		}
	}
}

// Load returns the zone of this very name, whatever the case of file names means to the system.
func Load(name string) (*time.Location, error) {
	if name == "UTC" {
		return time.UTC, nil
	}
	for each, start := range files() {
		if each == name && name != "Factory" {
			data, err := content(start)
			if err != nil {
				return nil, err
			}
			return time.LoadLocationFromTZData(name, data)
		}
	}
	return nil, fmt.Errorf("%q is no zone of the IANA time zone database, release %s", name, Release())
}

// The parts of a zip archive that is small and has no comment, and what they are at. All numbers are little-endian.
const (
	endSize       = 22 // the end of the archive
	endDirectory  = 16 // where its directory begins
	entrySize     = 46 // an entry of the directory, without the name and what follows that
	entryNameSize = 28
	entryExtra    = 30
	entryComment  = 32
	entryFile     = 42 // where the file begins
	fileSize      = 30 // what is before the name of a file
	fileMethod    = 8
	fileLength    = 18
	fileNameSize  = 26
	fileExtra     = 28
)

func short(at int) int { return int(binary.LittleEndian.Uint16([]byte(archive[at : at+2]))) }
func long(at int) int  { return int(binary.LittleEndian.Uint32([]byte(archive[at : at+4]))) }

// files walks through the directory of the archive: the names of the files, and where each begins. It allocates nothing and
// takes some microseconds, so that no index has to be built when the program starts.
func files() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		end := len(archive) - endSize
		for at := long(end + endDirectory); at < end; {
			name := archive[at+entrySize : at+entrySize+short(at+entryNameSize)]
			if !strings.HasSuffix(name, "/") && !yield(name, long(at+entryFile)) {
				return
			}
			at += entrySize + len(name) + short(at+entryExtra) + short(at+entryComment)
		}
	}
}

func content(file int) ([]byte, error) {
	if short(file+fileMethod) != 0 {
		return nil, errors.New("the time zone database is compressed; build it with make zones")
	}
	start := file + fileSize + short(file+fileNameSize) + short(file+fileExtra)
	return []byte(archive[start : start+long(file+fileLength)]), nil
}

// Fixed returns the advice for a zone that has one offset all year, where its name may suggest another: EST knows no summer
// time, and the sign of Etc/GMT+2 is that of POSIX. It returns "" for all other zones.
func Fixed(name string) string {
	offset, inverted := strings.CutPrefix(name, "Etc/GMT")
	switch name {
	case "EST":
		return "EST is UTC-5 all year; for New York write America/New_York"
	case "MST":
		return "MST is UTC-7 all year; for Denver write America/Denver"
	case "HST":
		return "HST is UTC-10 all year; for Honolulu write Pacific/Honolulu"
	}
	if _, err := Load(name); err != nil || !inverted || strings.Trim(offset, "+-0") == "" {
		return ""
	}
	opposite := strings.NewReplacer("+", "-", "-", "+").Replace(offset)
	return name + " is UTC" + opposite + " all year, the opposite of its sign; for a city write its zone, such as Europe/Paris"
}
