package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// mutant is one change of the code.
type mutant struct {
	id     int // from 1
	pkg    string
	at     token.Position
	change string
}

func (m mutant) place(root string) string {
	path, err := filepath.Rel(root, m.at.Filename)
	if err != nil {
		path = m.at.Filename
	}
	return fmt.Sprintf("%s:%d:%d", path, m.at.Line, m.at.Column)
}

// rewriter puts each mutant of a file behind a condition.
type rewriter struct {
	pkg     *packages.Package
	source  []byte
	mutants []mutant
	edits   []edit
}

// edit replaces the source from start to end. Where several begin at one place, those of lower rank come first.
type edit struct {
	start, end int
	rank       int
	text       string
}

func (r *rewriter) file(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.GenDecl:
			return n.Tok != token.CONST
		case *ast.BlockStmt:
			r.statements(n.List)
		case *ast.CaseClause:
			r.negateAll(n.List)
			r.statements(n.Body)
		case *ast.CommClause:
			r.statements(n.Body)
		case *ast.IfStmt:
			r.negate(n.Cond)
		case *ast.ForStmt:
			r.negate(n.Cond)
		case *ast.ReturnStmt:
			r.negateAll(n.Results)
		case *ast.AssignStmt:
			r.negateAll(n.Rhs)
		case *ast.UnaryExpr:
			if n.Op == token.NOT {
				r.negate(n.X)
			}
		case *ast.BinaryExpr:
			r.binary(n)
		case *ast.CallExpr:
			r.call(n)
		}
		return true
	})
}

// statements drops those that have an effect and are no return with values. Logs are for people to read, and no test
// reads them.
func (r *rewriter) statements(all []ast.Stmt) {
	for _, s := range all {
		switch s := s.(type) {
		case *ast.ExprStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.DeferStmt, *ast.BranchStmt:
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
		case *ast.ReturnStmt:
			if len(s.Results) > 0 {
				continue
			}
		default:
			continue
		}
		text := r.text(s)
		if strings.HasPrefix(text, "log.") || strings.HasPrefix(text, "logger.") || strings.HasPrefix(text, "klog.") || strings.HasPrefix(text, "panic(") {
			continue
		}
		r.wrap(s, fmt.Sprintf("if !mutant(%d) { ", r.add(s, "drop "+text)), " }")
	}
}

// negate negates a condition that consists of no others; these are visited on their own.
func (r *rewriter) negate(e ast.Expr) {
	switch e := e.(type) {
	case nil, *ast.BinaryExpr, *ast.UnaryExpr, *ast.FuncLit:
		return
	case *ast.ParenExpr:
		r.negate(e.X)
		return
	}
	if basic, ok := r.pkg.TypesInfo.TypeOf(e).(*types.Basic); !ok || basic.Info()&types.IsBoolean == 0 {
		return
	}
	r.wrap(e, fmt.Sprintf("mutantNot(%d, ", r.add(e, "negate "+r.text(e))), ")")
}

func (r *rewriter) negateAll(all []ast.Expr) {
	for _, e := range all {
		r.negate(e)
	}
}

func (r *rewriter) binary(b *ast.BinaryExpr) {
	if r.pkg.TypesInfo.Types[b].Value != nil {
		return // a constant
	}
	become := func(other string) int {
		return r.addAt(b.OpPos, fmt.Sprintf("%s becomes %s in %s", b.Op, other, r.text(b)))
	}
	switch b.Op {
	case token.LAND, token.LOR:
		name, other := "mutantAnd", "||"
		if b.Op == token.LOR {
			name, other = "mutantOr", "&&"
		}
		r.operator(b, fmt.Sprintf("%s(%d, ", name, become(other)), ", func() bool { return (", ") })")
		r.negateAll([]ast.Expr{b.X, b.Y})
	case token.EQL:
		r.wrap(b, fmt.Sprintf("mutantNot(%d, ", become("!=")), ")")
	case token.NEQ:
		r.wrap(b, fmt.Sprintf("mutantNot(%d, ", become("==")), ")")
	case token.LSS:
		r.operator(b, fmt.Sprintf("mutantLess(%d, %d, ", become("<="), become(">=")), ", ", ")")
	case token.GTR:
		r.operator(b, fmt.Sprintf("mutantMore(%d, %d, ", become(">="), become("<=")), ", ", ")")
	case token.LEQ:
		r.operator(b, fmt.Sprintf("mutantAtMost(%d, %d, ", become("<"), become(">")), ", ", ")")
	case token.GEQ:
		r.operator(b, fmt.Sprintf("mutantAtLeast(%d, %d, ", become(">"), become("<")), ", ", ")")
	case token.ADD, token.SUB:
		if basic, ok := r.pkg.TypesInfo.TypeOf(b).Underlying().(*types.Basic); !ok || basic.Info()&types.IsNumeric == 0 {
			return
		}
		if b.Op == token.ADD {
			r.operator(b, fmt.Sprintf("mutantPlus(%d, ", become("-")), ", ", ")")
		} else {
			r.operator(b, fmt.Sprintf("mutantMinus(%d, ", become("+")), ", ", ")")
		}
	}
}

// call takes the least instead of the largest, and the reverse.
func (r *rewriter) call(c *ast.CallExpr) {
	name, ok := c.Fun.(*ast.Ident)
	if !ok || len(c.Args) < 2 || r.pkg.TypesInfo.Types[c].Value != nil {
		return
	}
	if _, ok := r.pkg.TypesInfo.Uses[name].(*types.Builtin); !ok {
		return
	}
	switch name.Name {
	case "min":
		r.replace(c.Fun.Pos(), c.Lparen+1, fmt.Sprintf("mutantMin(%d, ", r.add(c, "min becomes max in "+r.text(c))))
	case "max":
		r.replace(c.Fun.Pos(), c.Lparen+1, fmt.Sprintf("mutantMax(%d, ", r.add(c, "max becomes min in "+r.text(c))))
	}
}

func (r *rewriter) add(node ast.Node, change string) int { return r.addAt(node.Pos(), change) }

func (r *rewriter) addAt(pos token.Pos, change string) int {
	id := len(r.mutants) + 1
	r.mutants = append(r.mutants, mutant{id, r.pkg.PkgPath, r.pkg.Fset.Position(pos), change})
	return id
}

// text returns a node in one line.
func (r *rewriter) text(node ast.Node) string {
	words := strings.Fields(string(r.source[r.offset(node.Pos()):r.offset(node.End())]))
	text := strings.Join(words, " ")
	if len(text) > 90 {
		text = text[:90] + "..."
	}
	return text
}

func (r *rewriter) offset(pos token.Pos) int { return r.pkg.Fset.Position(pos).Offset }

// The ranks of edits that begin at one place: what ends there, the innermost first, then what begins, the outermost first.
const beginnings = 1 << 20

func (r *rewriter) wrap(node ast.Node, before, after string) {
	start, end, depth := r.offset(node.Pos()), r.offset(node.End()), len(r.edits)
	r.edits = append(r.edits, edit{start, start, beginnings + depth, before}, edit{end, end, -depth, after})
}

func (r *rewriter) operator(b *ast.BinaryExpr, before, between, after string) {
	r.wrap(b, before, after)
	r.replace(b.OpPos, b.OpPos+token.Pos(len(b.Op.String())), between)
}

func (r *rewriter) replace(from, to token.Pos, text string) {
	r.edits = append(r.edits, edit{r.offset(from), r.offset(to), beginnings + len(r.edits), text})
}

// result returns the source with all mutants.
func (r *rewriter) result() []byte {
	slices.SortStableFunc(r.edits, func(a, b edit) int { return cmp.Or(a.start-b.start, a.rank-b.rank) })
	var out bytes.Buffer
	done := 0
	for _, e := range r.edits {
		out.Write(r.source[done:e.start])
		out.WriteString(e.text)
		done = e.end
	}
	out.Write(r.source[done:])
	return out.Bytes()
}

// switches returns the file that turns one mutant on.
func switches(name string) []byte {
	return []byte(strings.Replace(switchesText, "package main", "package "+name, 1))
}

const switchesText = `package main

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
	"sync"
)

var (
	mutantChosen, _ = strconv.Atoi(os.Getenv("MUTANT"))
	mutantReached   = os.Getenv("MUTANTS_REACHED")
	mutantsSeen     sync.Map
)

func mutant(id int) bool {
	if mutantReached != "" {
		if _, seen := mutantsSeen.LoadOrStore(id, true); !seen {
			file, err := os.OpenFile(mutantReached, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				panic(err)
			}
			fmt.Fprintln(file, id)
			file.Close()
		}
	}
	return id == mutantChosen
}

func mutantNot(id int, condition bool) bool { return mutant(id) != condition }

func mutantAnd(id int, a bool, b func() bool) bool {
	if mutant(id) {
		return a || b()
	}
	return a && b()
}

func mutantOr(id int, a bool, b func() bool) bool {
	if mutant(id) {
		return a && b()
	}
	return a || b()
}

func mutantLess[T cmp.Ordered](boundary, negation int, a, b T) bool {
	return mutantNot(negation, a < b || mutant(boundary) && a == b)
}

func mutantMore[T cmp.Ordered](boundary, negation int, a, b T) bool {
	return mutantNot(negation, a > b || mutant(boundary) && a == b)
}

func mutantAtMost[T cmp.Ordered](boundary, negation int, a, b T) bool {
	return mutantNot(negation, a < b || !mutant(boundary) && a == b)
}

func mutantAtLeast[T cmp.Ordered](boundary, negation int, a, b T) bool {
	return mutantNot(negation, a > b || !mutant(boundary) && a == b)
}

type mutantNumber interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

func mutantPlus[T mutantNumber](id int, a, b T) T {
	if mutant(id) {
		return a - b
	}
	return a + b
}

func mutantMinus[T mutantNumber](id int, a, b T) T {
	if mutant(id) {
		return a + b
	}
	return a - b
}

func mutantMin[T cmp.Ordered](id int, all ...T) T {
	least, most := all[0], all[0]
	for _, one := range all {
		least, most = min(least, one), max(most, one)
	}
	if mutant(id) {
		return most
	}
	return least
}

func mutantMax[T cmp.Ordered](id int, all ...T) T {
	least, most := all[0], all[0]
	for _, one := range all {
		least, most = min(least, one), max(most, one)
	}
	if mutant(id) {
		return least
	}
	return most
}
`
