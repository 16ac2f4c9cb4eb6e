package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"strings"
)

//go:embed chart.css
var chartCSS string

//go:embed page.css
var pageCSS string

// literal returns a style in which every colour stands for itself, for programs that know SVG and no variables.
func literal(css string, value func(colour) string) string {
	pairs := make([]string, 0, 2*len(palette()))
	for _, c := range palette() {
		pairs = append(pairs, "var(--"+c.name+")", value(c))
	}
	return strings.NewReplacer(pairs...).Replace(css)
}

// pictureStyle is the style of a picture in a file.
func pictureStyle() string {
	light := literal(chartCSS, func(c colour) string { return c.light })
	dark := literal(chartCSS, func(c colour) string { return c.dark })
	return light + "@media (prefers-color-scheme: dark) {\n" + dark + "}\n"
}

// pageStyle is the style of a page, byte for byte: its hash is what the page's policy allows.
func pageStyle() string {
	var b strings.Builder
	b.WriteString("\n:root { color-scheme: light dark;")
	for _, c := range palette() {
		b.WriteString(" --" + c.name + ": " + c.light + ";")
	}
	b.WriteString(" }\n@media screen and (prefers-color-scheme: dark) { :root {")
	for _, c := range palette() {
		b.WriteString(" --" + c.name + ": " + c.dark + ";")
	}
	b.WriteString(" } }\n" + chartCSS + pageCSS)
	return b.String()
}

// Policy returns the Content-Security-Policy of a page that is served: nothing runs, nothing is loaded but the icon, and
// nothing frames it.
func Policy() string {
	return "default-src 'none'; style-src " + styleHash() + "; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}

// filePolicy returns that of a page in a file, which has no form. A frame-ancestors would be ignored there, aloud.
func filePolicy() string {
	return "default-src 'none'; style-src " + styleHash() + "; base-uri 'none'; form-action 'none'"
}

func styleHash() string {
	sum := sha256.Sum256([]byte(pageStyle()))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
