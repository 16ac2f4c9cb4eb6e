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

type colour struct {
	name, light, dark string
}

// palette returns all colours. TestContrast holds every pair of them that meets to what people need to see.
func palette() []colour {
	return []colour{
		{"paper", "#fbfaf7", "#14161b"},  // behind everything
		{"band", "#f4f2ec", "#191c22"},   // every other day
		{"ink", "#1c2230", "#e9eaee"},    // text
		{"soft", "#565d6d", "#a7adbb"},   // text that is less important
		{"rule", "#d9d5ca", "#333844"},   // lines that only order things
		{"edge", "#6c7280", "#8d93a2"},   // of controls
		{"link", "#1b56a3", "#8fbdf7"},   // links and focus
		{"base", "#d5d8df", "#3a404d"},   // baselines
		{"window", "#a9c8ee", "#28558f"}, // windows
		{"event", "#f6d9ab", "#59401a"},  // events, behind the hatching
		{"hatch", "#9a5b00", "#f0b456"},  // events, the hatching
		{"curve", "#23406b", "#bcd6f9"},  // minReplicas
		{"alarm", "#a8201a", "#ff9a92"},  // what needs somebody
		{"blush", "#fbeae7", "#35191a"},  // behind that
		{"amber", "#7a4a00", "#f2bf6d"},  // warnings
		{"shade", "#3d4454", "#d4d8e0"},  // outlines of what is under something else
	}
}

// pictureStyle is the style of a picture in a file. Every colour is literal, for programs that know SVG and no variables.
func pictureStyle() literal {
	coloured := func(value func(colour) string) literal {
		var pairs []string
		for _, c := range palette() {
			pairs = append(pairs, "var(--"+c.name+")", value(c))
		}
		return literal(strings.NewReplacer(pairs...).Replace(chartCSS))
	}
	return coloured(func(c colour) string { return c.light }) + "@media (prefers-color-scheme: dark) {\n" +
		coloured(func(c colour) string { return c.dark }) + "}\n"
}

// pageStyle is the style of a page, byte for byte: its hash is what the page's policy allows.
func pageStyle() literal {
	light, dark := "", ""
	for _, c := range palette() {
		light += " --" + c.name + ": " + c.light + ";"
		dark += " --" + c.name + ": " + c.dark + ";"
	}
	return literal("\n:root { color-scheme: light dark;" + light + " }\n@media screen and (prefers-color-scheme: dark) { :root {" + dark + " } }\n" + chartCSS + pageCSS)
}

// The directives that a page has beside those that allow its style and nothing else. One that is served loads an icon, has a
// form and is not framed. Browsers ignore frame-ancestors in a file, and complain.
const (
	servedDirectives = "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	fileDirectives   = "base-uri 'none'; form-action 'none'"
)

func policy(directives string) string {
	sum := sha256.Sum256([]byte(pageStyle()))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; " + directives
}
