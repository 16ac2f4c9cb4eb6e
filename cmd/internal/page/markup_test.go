package page

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestPut(t *testing.T) {
	inner := &markup{}
	inner.put("<i>%s</i>", "a & b")
	for want, m := range map[string]func(*markup){
		`<p class="x&#34; y">&lt;b&gt; &amp;amp; &#39;</p>`: func(m *markup) { m.put(`<p class="%s">%s</p>`, `x" y`, "<b> &amp; '") },
		"<p>\ufffd\ufffd\ufffd[31m</p>":                     func(m *markup) { m.put("<p>%s</p>", "\x00\u202e\x1b[31m") },
		"<p>%s</p>":                                         func(m *markup) { m.put("<p>%s</p>", "%s") },
		"<b><i>a &amp; b</i></b>":                           func(m *markup) { m.put("%s%s</b>", literal("<b>"), inner) },
		"<u/>\n":                                            func(m *markup) { m.draw("u", attr{"class", ""}) },
		`<u x="12.500%" y="1.5" class="&#34;&gt;"></u>` + "\n": func(m *markup) {
			m.open("u", attr{"x", share(0.125)}, attr{"y", 1.5}, attr{"class", `">`})
			m.shut("u")
		},
	} {
		got := &markup{}
		if m(got); got.String() != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestLinks: a link leads into the page, or to the page with another query, and nowhere else.
func TestLinks(t *testing.T) {
	for address, want := range map[string]string{
		"#changes": "#changes", "?for=2d&name=a": "?for=2d&amp;name=a",
		"javascript:alert(1)": "#", " javascript:alert(1)": "#", "JaVaScRiPt:alert(1)": "#", "data:text/html,x": "#", "//evil.example": "#",
		"https://evil.example": "#", "/\\evil.example": "#", "\x01javascript:alert(1)": "#", "": "#",
	} {
		m := &markup{}
		if m.put(`<a href="%s">`, address); m.String() != `<a href="`+want+`">` {
			t.Errorf("%q leads to %s, want %s", address, m, want)
		}
	}
}

// TestForms reads this package. Each put has a value for each place of its form. A place is between tags or in an attribute in
// double quotes that can do nothing, unless it is for what [when] returns. Strings become literals in style.go alone.
func TestForms(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	forms := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "markup.go" || name == "text.go" { // which draws for terminals
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch f := call.Fun.(type) {
			case *ast.Ident:
				if f.Name == "literal" && name != "style.go" {
					t.Errorf("%s: a string becomes a literal", set.Position(call.Pos()))
				}
			case *ast.SelectorExpr:
				if f.Sel.Name == "put" || f.Sel.Name == "putln" {
					forms++
					for _, fault := range faults(formOf(call.Args[0]), call.Args[1:]) {
						t.Errorf("%s: %s", set.Position(call.Pos()), fault)
					}
				}
			}
			return true
		})
	}
	if forms < 50 {
		t.Errorf("%d forms were found", forms)
	}
}

func formOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		form, _ := strconv.Unquote(e.Value)
		return form
	case *ast.BinaryExpr:
		return formOf(e.X) + formOf(e.Y)
	default:
		return ""
	}
}

func faults(form string, values []ast.Expr) (all []string) {
	parts := strings.Split(form, "%s")
	if len(parts)-1 != len(values) {
		return []string{strconv.Itoa(len(parts)-1) + " places for " + strconv.Itoa(len(values)) + " values"}
	}
	attribute := regexp.MustCompile(`\s([a-z-]+)="[^"]*$`)
	acts := regexp.MustCompile(`^(on.*|style|src|srcset|action|formaction|srcdoc|xlink)$`)
	for i, value := range values {
		before := strings.Join(parts[:i+1], "")
		tag := before[strings.LastIndexAny(before, "<>")+1:]
		within := strings.LastIndex(before, "<") > strings.LastIndex(before, ">") && !strings.HasSuffix(before, "<")
		key := attribute.FindStringSubmatch(tag)
		call, _ := value.(*ast.CallExpr)
		switch {
		case within && key != nil && acts.MatchString(key[1]):
			all = append(all, "a value for the attribute "+key[1])
		case within && key == nil && (call == nil || !isWhen(call)):
			all = append(all, "a value in a tag without double quotes: "+before)
		}
	}
	return all
}

func isWhen(call *ast.CallExpr) bool {
	name, ok := call.Fun.(*ast.Ident)
	return ok && name.Name == "when"
}
