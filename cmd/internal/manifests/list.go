package manifests

import (
	"fmt"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// maxLists is how deep Lists may contain Lists.
const maxLists = 5

// itemOf is the kind of the items of a typed list, which an API server leaves out of the items themselves.
type itemOf struct{ apiVersion, kind string }

// add adds the object that v is, or the items of the List that it is.
func (p *parser) add(v value, of itemOf, depth int) {
	content, ok := v.value.(map[string]any)
	if !ok {
		if v.value != nil {
			p.refuse(v.line, RuleObject, fmt.Sprintf("here is %s, and not a Kubernetes object; %s", describe(v.value), hint))
		}
		return
	}
	if of.kind != "" {
		content = inherit(content, of)
	}
	apiVersion, kind := text(content["apiVersion"]), text(content["kind"])
	switch {
	case apiVersion == "" || kind == "":
		p.refuse(v.line, RuleObject, "a Kubernetes object has an apiVersion and a kind, and here they are missing or no text; "+hint)
	case isList(content, kind):
		p.addItems(v, itemOf{apiVersion, strings.TrimSuffix(kind, "List")}, depth)
	default:
		p.objects = append(p.objects, Object{unstructured.Unstructured{Object: content}, p.file, v.line})
	}
}

// hint names what can be read.
const hint = "give what kubectl get -o yaml, helm template or kustomize build prints"

// isList reports whether an object is only a list of its items, as List and HorizontalPodAutoscalerList do.
func isList(content map[string]any, kind string) bool {
	items, ok := content["items"]
	if !ok || !strings.HasSuffix(kind, "List") {
		return false
	}
	_, ok = items.([]any)
	return ok || items == nil || kind == "List"
}

func (p *parser) addItems(list value, of itemOf, depth int) {
	content, _ := list.value.(map[string]any)
	items, ok := content["items"].([]any)
	if depth >= maxLists {
		p.refuse(list.line, RuleObject, "Lists are nested too deep; write their items into one List")
		return
	}
	if !ok && content["items"] != nil {
		p.refuse(list.line, RuleObject, fmt.Sprintf("the items of a List are a list, and here they are %s", describe(content["items"])))
	}
	for i, item := range items {
		v := value{line: list.line, value: item}
		if i < len(list.items) {
			v.line = list.items[i]
		}
		if item == nil {
			p.refuse(v.line, RuleObject, "an item of a List is an object, and here is nothing; remove the item")
			continue
		}
		p.add(v, of, depth+1)
	}
}

// inherit gives an item of a typed list the kind of the list, unless it has its own.
func inherit(content map[string]any, of itemOf) map[string]any {
	if content["apiVersion"] != nil || content["kind"] != nil {
		return content
	}
	typed := make(map[string]any, len(content)+2)
	maps.Copy(typed, content)
	typed["apiVersion"], typed["kind"] = of.apiVersion, of.kind
	return typed
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// describe names a value that is no object in plain words.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	default:
		return fmt.Sprint(v)
	}
}
