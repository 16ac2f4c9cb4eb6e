// Command check reads files with the code of those that will read them: rule files with the parser of Prometheus, and
// dashboards with the types of Grafana. It prints what they hold as JSON, or the errors.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	prometheusquery "github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// alert is an alerting rule. Metrics are the names in its expression.
type alert struct {
	Name        string            `json:"name"`
	Expr        string            `json:"expr"`
	Metrics     []string          `json:"metrics"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// query is that of a panel or a variable of a dashboard, as Prometheus gets it.
type query struct {
	Of      string   `json:"of"`
	Expr    string   `json:"expr"`
	Metrics []string `json:"metrics"`
}

// board is a dashboard.
type board struct {
	UID           string  `json:"uid"`
	SchemaVersion uint16  `json:"schemaVersion"`
	Queries       []query `json:"queries"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: check rules|dashboard FILE")
	}
	var found any
	var err error
	switch args[0] {
	case "rules":
		found, err = rules(args[1])
	case "dashboard":
		found, err = readBoard(args[1])
	default:
		err = fmt.Errorf("%s is neither rules nor dashboard", args[0])
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

func rules(file string) ([]alert, error) {
	groups, errs := rulefmt.ParseFile(file, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	var alerts []alert
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			names, err := metrics(rule.Expr)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", rule.Alert, err)
			}
			alerts = append(alerts, alert{rule.Alert, rule.Expr, names, rule.Labels, rule.Annotations})
		}
	}
	return alerts, nil
}

// metrics returns the names of the metrics in an expression.
func metrics(expr string) ([]string, error) {
	node, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", expr, err)
	}
	var names []string
	parser.Inspect(node, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			names = append(names, selector.Name)
		}
		return nil
	})
	slices.Sort(names)
	return slices.Compact(names), nil
}

// readBoard reads a dashboard strictly: a field that Grafana does not know is an error, as is one of another type.
func readBoard(file string) (*board, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	plugins.RegisterDefaultPlugins()
	var d dashboard.Dashboard
	if err := errors.Join(problems(new(dashboard.Dashboard).UnmarshalJSONStrict(text)), json.Unmarshal(text, &d)); err != nil {
		return nil, err
	}
	if err := errors.Join(problems(d.Validate()), unknown(text, d)); err != nil {
		return nil, err
	}
	b := &board{SchemaVersion: d.SchemaVersion}
	if d.Uid != nil {
		b.UID = *d.Uid
	}
	for _, variable := range d.Templating.List {
		if variable.Type != dashboard.VariableTypeQuery {
			continue
		}
		metric, ok := labelValues(*variable.Query.String)
		if !ok {
			return nil, fmt.Errorf("the variable %s has the query %s, want label_values(METRIC, LABEL)", variable.Name, *variable.Query.String)
		}
		if err := b.add("variable "+variable.Name, metric); err != nil {
			return nil, err
		}
	}
	return b, b.addPanels(d.Panels)
}

// problems returns an error unless its list of problems is empty: that is how the strict types report success. They fill in
// nothing then.
func problems(err error) error {
	if list := cog.BuildErrors(nil); errors.As(err, &list) && len(list) == 0 {
		return nil
	}
	return err
}

// unknown returns an error for what the types do not hold of a text. The strict ones miss some of it.
func unknown(text []byte, d dashboard.Dashboard) error {
	held, err := json.Marshal(d)
	if err != nil {
		return err
	}
	var all, some any
	if err := errors.Join(json.Unmarshal(text, &all), json.Unmarshal(held, &some)); err != nil {
		return err
	}
	return lost("dashboard", all, some)
}

func lost(path string, all, some any) error {
	var errs []error
	switch all := all.(type) {
	case map[string]any:
		held, _ := some.(map[string]any)
		for name, value := range all {
			if _, known := held[name]; !known {
				errs = append(errs, fmt.Errorf("%s.%s is not known", path, name))
				continue
			}
			errs = append(errs, lost(path+"."+name, value, held[name]))
		}
	case []any:
		held, _ := some.([]any)
		if len(held) != len(all) {
			return fmt.Errorf("%s has %d elements, of which %d are known", path, len(all), len(held))
		}
		for i := range all {
			errs = append(errs, lost(fmt.Sprintf("%s[%d]", path, i), all[i], held[i]))
		}
	}
	return errors.Join(errs...)
}

func (b *board) addPanels(panels []dashboard.PanelOrRowPanel) error {
	var errs []error
	for _, p := range panels {
		if p.Panel != nil {
			errs = append(errs, b.addPanel(p.Panel))
			continue
		}
		for i := range p.RowPanel.Panels {
			errs = append(errs, b.addPanel(&p.RowPanel.Panels[i]))
		}
	}
	return errors.Join(errs...)
}

func (b *board) addPanel(p *dashboard.Panel) error {
	title := "a panel without a title"
	if p.Title != nil {
		title = *p.Title
	}
	if p.Datasource == nil || p.Datasource.Uid == nil || *p.Datasource.Uid != "${datasource}" {
		return fmt.Errorf("the panel %s has another datasource than ${datasource}", title)
	}
	if p.Description == nil || *p.Description == "" {
		return fmt.Errorf("the panel %s has no description", title)
	}
	for _, target := range p.Targets {
		if err := b.addTarget(title, target); err != nil {
			return err
		}
	}
	return nil
}

func (b *board) addTarget(title string, target variants.Dataquery) error {
	q, ok := target.(*prometheusquery.Dataquery)
	if !ok {
		return fmt.Errorf("the panel %s has a query that is none of Prometheus: %T", title, target)
	}
	return b.add(title, q.Expr)
}

// add adds a query with the variables as Grafana fills them in: those of a choice match everything.
func (b *board) add(of, expr string) error {
	expr = regexp.MustCompile(`\$__(rate_interval|interval|range)`).ReplaceAllString(expr, "5m")
	expr = regexp.MustCompile(`\$[a-z]+`).ReplaceAllString(expr, ".*")
	names, err := metrics(expr)
	b.Queries = append(b.Queries, query{of, expr, names})
	return err
}

// labelValues returns the metric of a variable's query.
func labelValues(text string) (metric string, ok bool) {
	match := regexp.MustCompile(`^label_values\((.+), [a-z_]+\)$`).FindStringSubmatch(text)
	if match == nil {
		return "", false
	}
	return match[1], true
}
