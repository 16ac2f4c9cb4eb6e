package source

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/runenames"
)

// RuleLookAlike is the rule of characters that are taken for others.
const RuleLookAlike = "look-alike-character"

// meant returns the character of ASCII that r looks like, nothing for one that cannot be seen, and false for all others.
func meant(r rune) (string, bool) {
	for _, alike := range []struct{ ascii, characters string }{
		{" ", "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"},
		{"", "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069"},
		{`"`, "“”„‟«»″＂"},
		{"'", "‘’‚‛′´＇"},
		{"-", "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"},
		{":", "∶꞉ː׃"},
		{"/", "⁄∕"},
		{",", "、،‚"},
		{"#", "＃"},
	} {
		if strings.ContainsRune(alike.characters, r) {
			return alike.ascii, true
		}
	}
	const fullwidth = 0xff01 - '!' // these are in the order of ASCII
	if r >= '!'+fullwidth && r <= '~'+fullwidth {
		return string(r - fullwidth), true
	}
	const letters, latin = "аеорсухіѕјкмтвнАВЕКМНОРСТХІЅЈУαορνιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxisjkmtbhABEKMHOPCTXISJYaopviABEZHIKMNOPTYX"
	if i := strings.IndexRune(letters, r); i >= 0 {
		return latin[i/2 : i/2+1], true // each of the letters, Cyrillic and Greek, has two bytes
	}
	return "", false
}

// look is a run of one look-alike in a line.
type look struct {
	at, length, line, column int
	character                rune
}

func looks(data []byte) []look {
	var all []look
	line, column := 1, 1
	for at := 0; at < len(data); column++ {
		r, size := utf8.DecodeRune(data[at:])
		if _, alike := meant(r); alike {
			if last := len(all) - 1; last >= 0 && all[last].character == r && all[last].at+all[last].length == at {
				all[last].length += size
			} else {
				all = append(all, look{at, size, line, column, r})
			}
		}
		if at += size; r == '\n' {
			line, column = line+1, 0
		}
	}
	return all
}

// asMeant returns the data with the chosen look-alikes replaced.
func asMeant(data []byte, chosen []look) []byte {
	var b bytes.Buffer
	from := 0
	for _, look := range chosen {
		ascii, _ := meant(look.character)
		b.Write(data[from:look.at])
		b.WriteString(strings.Repeat(ascii, look.length/utf8.RuneLen(look.character)))
		from = look.at + look.length
	}
	b.Write(data[from:])
	return b.Bytes()
}

// prose reports whether the look-alike is in a comment or a description, where it is probably right.
func (l look) prose(data []byte) bool {
	line := string(data[bytes.LastIndexByte(data[:l.at], '\n')+1 : l.at])
	return strings.Contains(line, "description:") || strings.Contains(" "+line, " #")
}

// LookAlikes reports the characters of a file that are taken for others and break it, and returns the data as it is meant, or
// nil where it has none. Of a text, problems returns how many it has: many a text has such characters where they are right,
// so that one is reported only if there are more problems with it.
func (c *Collector) LookAlikes(file File, problems func(data []byte) int) []byte {
	const budget, most = 8 << 20, 100 // how many bytes to look at again, and how often
	chosen := looks(file.Data)
	if len(chosen) == 0 {
		return nil
	}
	written := problems(file.Data)
	probable := slices.DeleteFunc(slices.Clone(chosen), func(l look) bool { return l.prose(file.Data) })
	least := problems(asMeant(file.Data, probable))
	if least < written {
		chosen = probable
	} else if least = problems(asMeant(file.Data, chosen)); least >= written {
		return nil
	}
	for i, tries := len(chosen)-1, 0; i >= 0 && tries < most && tries*len(file.Data) < budget; i, tries = i-1, tries+1 {
		without := slices.Delete(slices.Clone(chosen), i, i+1)
		if found := problems(asMeant(file.Data, without)); found <= least {
			chosen, least = without, found
		}
	}
	for _, look := range chosen {
		c.AddAt(file.place(look.line, look.column), RuleLookAlike, look.String())
	}
	return asMeant(file.Data, chosen)
}

func (l look) String() string {
	name := Named(l.character)
	switch ascii, _ := meant(l.character); ascii {
	case "":
		return name + " cannot be seen, and is not what belongs here; remove it"
	case " ":
		return name + " looks like a space and is none; write a space"
	default:
		return fmt.Sprintf("%s looks like %s and is another character; write %s", name, ascii, ascii)
	}
}

// Named returns a character as Unicode names it: U+00A0 (no-break space).
func Named(r rune) string {
	if name := runenames.Name(r); name != "" && name[0] != '<' {
		return fmt.Sprintf("U+%04X (%s)", r, strings.ToLower(name))
	}
	return fmt.Sprintf("U+%04X", r)
}
