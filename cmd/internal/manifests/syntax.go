package manifests

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// errUnreadable stands for whatever the YAML library panicked with.
var errUnreadable = errors.New("yaml: unreadable")

// syntax says where and why a document is not YAML, and what to do.
func syntax(d document, err error) error {
	line, said := d.line, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(said); m != nil {
		if n, convErr := strconv.Atoi(m[1]); convErr == nil {
			line = min(line+max(n-1, 0), d.last())
		}
		said = strings.TrimPrefix(said, m[0])
	}
	return &placed{line, RuleSyntax, "this is neither YAML nor JSON: " + said + "; " + hint}
}

// template returns an error that says so if the document is a template of Helm, and else the error given.
func (d document) template(err error) error {
	at := bytes.Index(d.text, []byte("{{"))
	if at < 0 {
		return err
	}
	line := d.line + bytes.Count(d.text[:at], []byte("\n"))
	return &placed{line, RuleSyntax, "this looks like a template that Helm has not rendered; give what helm template prints"}
}
