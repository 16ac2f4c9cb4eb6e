package autoscaler_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

// occasions are when Events are written. Their types and texts are read from the code.
func occasions() map[string]string {
	return map[string]string{
		"FloorRaised":            "minReplicas rose: an entry opened, or a ramp began or finished to climb",
		"FloorLowered":           "minReplicas fell to another floor, or a ramp began to descend",
		"FloorExtended":          "an edit of the schedule moved the end of the open entry later",
		"FloorShortened":         "an edit of the schedule moved the end of the open entry earlier",
		"FloorReleased":          "the baseline is back; as a Warning, the owner's number is not valid any more",
		"FloorReached":           "the HPA controller asks for as many replicas as the floor; once for each raise",
		"FloorNotReached":        "it does not, `--floor-deadline` (5m) after the raise",
		"FloorReverted":          "somebody lowered minReplicas below the floor; at most once a minute for a writer",
		"FloorClamped":           "the floor is above maxReplicas or a limit",
		"FloorAltered":           "a webhook or policy changed what floorkeeper wrote",
		"FloorCopied":            "the baseline of this HPA is the floor of another one, copied by Flagger",
		"AnnotationsOverwritten": "somebody applied annotations that floorkeeper wrote earlier",
		"FloorAtRisk":            "a problem within `--look-ahead` (7 days); on the HPA, or on the ConfigMap",
		"BaselineChanged":        "somebody wrote another minReplicas while the HPA is held, or declared a baseline",
		"BaselineLost":           "the annotations are damaged or were removed, so minReplicas is left as it is",
		"DeclarationIgnored":     "the annotation declared-baseline or max-floor is no number",
		"PatchRefused":           "the API server refuses the patch",
		"TargetNotRaised":        "with `--raise-targets`: the scale of the target was not raised",
		"TargetRefused":          "an entry selects an HPA of KEDA or of another installation",
		"NamespaceUnreadable":    "on the ConfigMap: a namespace of `--namespaces` may not be listed",
		"ScheduleLoaded":         "on the ConfigMap: a valid schedule was loaded",
		"ScheduleRefused":        "on the ConfigMap: an edit is invalid, and the last good schedule stays in force",
	}
}

const eventsHead = `# Events

floorkeeper writes Events (events.k8s.io/v1) on HPAs, for ` + "`kubectl describe hpa`" + `, and about the schedule on its ConfigMap
(` + "`--schedule-configmap`" + `), without that flag on the Lease. Each change of minReplicas is one Event; a ramp has two, for its first and
its last step. Only the leader writes them. Kubernetes deletes Events after an hour unless configured otherwise. Reasons are
stable; texts are for people. N stands for a number, … for other words.

| reason | type | when | text |
| --- | --- | --- | --- |
`

// TestReferenceOfEvents keeps the list of all Events in the documentation.
func TestReferenceOfEvents(t *testing.T) {
	written := readEvents(t)
	var b strings.Builder
	b.WriteString(eventsHead)
	for _, reason := range slices.Sorted(maps.Keys(occasions())) {
		e := written[reason]
		if e == nil {
			t.Errorf("no Event has the reason %s", reason)
			continue
		}
		types, texts := slices.Sorted(maps.Keys(e.types)), slices.Sorted(maps.Keys(e.texts))
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", reason, strings.Join(types, ", "), occasions()[reason], strings.Join(texts, "<br>"))
	}
	for reason := range written {
		if occasions()[reason] == "" {
			t.Errorf("say when %s is written", reason)
		}
	}
	golden.Compare(t, "../../docs/reference/events.md", b.String())
}

// event is what the code writes for a reason.
type event struct{ types, texts map[string]bool }

// readEvents looks for the calls that make Events.
func readEvents(t *testing.T) map[string]*event {
	t.Helper()
	var functions []*ast.FuncDecl
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Body != nil {
				functions = append(functions, f)
			}
		}
	}
	found := map[string]*event{}
	for _, f := range functions {
		for _, call := range calls(f, "normal", "warning") {
			reasons := reasonsIn(call.Args[0])
			if len(reasons) == 0 { // it is a variable of the function, or an argument of it
				reasons = append(reasonsIn(f.Body), reasonsOfCallers(functions, f.Name.Name)...)
			}
			for _, reason := range reasons {
				if found[reason] == nil {
					found[reason] = &event{map[string]bool{}, map[string]bool{}}
				}
				found[reason].types[map[string]string{"normal": "Normal", "warning": "Warning"}[name(call)]] = true
				found[reason].texts[text(f, call)] = true
			}
		}
	}
	return found
}

func calls(in ast.Node, names ...string) (all []*ast.CallExpr) {
	ast.Inspect(in, func(node ast.Node) bool {
		if call, ok := node.(*ast.CallExpr); ok && slices.Contains(names, name(call)) {
			all = append(all, call)
		}
		return true
	})
	return all
}

func name(call *ast.CallExpr) string {
	switch called := call.Fun.(type) {
	case *ast.Ident:
		return called.Name
	case *ast.SelectorExpr:
		return called.Sel.Name
	default:
		return ""
	}
}

func reasonsIn(in ast.Node) (all []string) {
	ast.Inspect(in, func(node ast.Node) bool {
		if ident, ok := node.(*ast.Ident); ok {
			if reason, ok := strings.CutPrefix(ident.Name, "Reason"); ok {
				all = append(all, reason)
			}
		}
		return true
	})
	return all
}

func reasonsOfCallers(functions []*ast.FuncDecl, called string) (all []string) {
	for _, f := range functions {
		for _, call := range calls(f, called) {
			for _, arg := range call.Args {
				all = append(all, reasonsIn(arg)...)
			}
		}
	}
	return all
}

var (
	verbs   = regexp.MustCompile(`%(?:\[\d\])?[+#]?[svqT]`)
	numbers = regexp.MustCompile(`%(?:\[\d\])?d`)
)

// text is the format of an Event without its verbs. One that is made elsewhere in the function is looked up there.
func text(f *ast.FuncDecl, call *ast.CallExpr) string {
	format := literal(call.Args[2])
	if rest, ok := strings.CutPrefix(format, "%s"); ok {
		for _, inner := range calls(f, "Sprintf") {
			format = literal(inner.Args[0]) + rest
		}
	}
	plain := numbers.ReplaceAllString(verbs.ReplaceAllString(format, "…"), "N")
	return strings.NewReplacer("|", `\|`, "……", "…", "*", `\*`).Replace(plain)
}

func literal(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(e.Value)
		return s
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	default:
		return ""
	}
}
