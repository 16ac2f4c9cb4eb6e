package config

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/text"
)

const lookedFor = "no schedule in here: looked for a ConfigMap whose data has a key such as schedule.yaml with a " +
	"schedule as its text (apiVersion: " + apiVersion + ", kind: " + scheduleOf + ")"

const holdsHPAs = "this holds HPAs and no schedule; give it with --hpas"

// Unwrap returns the schedule files in the files of a command line: a schedule for itself, and Kubernetes
// manifests (YAML documents, JSON, Lists) for the schedules in their ConfigMaps. Problems of these lie in the manifest,
// at the line and column where the mistake is written. Other objects are passed over. The problems returned are errors,
// such as manifests without any schedule, and warnings and notes, with which everything can go on.
func Unwrap(files ...source.File) ([]source.File, source.Problems) {
	u := unwrapper{seen: map[*source.Node]bool{}}
	for _, file := range files {
		u.file(file)
	}
	if len(u.files) == 0 && len(u.others) == 1 && u.others[0].mayBeSchedule() {
		u.files, u.passed = append(u.files, u.others[0].file), nil
	}
	switch {
	case len(files) == 0:
	case len(u.files) == 0 && len(u.Problems) == 0:
		message := lookedFor
		if slices.ContainsFunc(files, func(f source.File) bool { return bytes.Contains(f.Data, []byte("HorizontalPodAutoscaler")) }) {
			message = holdsHPAs
		}
		u.Problems = append(u.Problems, source.Place{File: together(files)}.Problem(source.SeverityError, RuleNoSchedule, message))
	case len(files) > 1 && len(u.passed) > 0:
		u.Problems = append(u.Problems, source.Place{File: together(files)}.Problem(source.SeverityNote, source.RulePassedOver,
			"passed over, as Kubernetes manifests without a schedule in them: "+text.List(u.passed, ", ", 10)))
	}
	u.size()
	return u.files, u.Sorted()
}

// size warns of a schedule whose ConfigMap kubectl refuses to apply: it writes the object, as JSON, into an annotation.
func (u *unwrapper) size() {
	const most, frame = 262_144, 300 // of all annotations; the rest of the object
	total := frame
	for _, file := range u.files {
		quoted, _ := json.Marshal(string(file.Data))
		total += len(quoted)
	}
	if total > most && len(u.Problems) == 0 {
		u.Problems = append(u.Problems, source.Place{File: together(u.files)}.Problem(source.SeverityWarning, RuleTooLargeApply,
			fmt.Sprintf("its ConfigMap has about %d bytes, and kubectl apply writes at most %d into the annotation last-applied-configuration; "+
				"use kubectl apply --server-side -k, or remove past events with floorkeeper event prune", total, most)))
	}
}

// together names several files: by their directory.
func together(files []source.File) string {
	if len(files) == 1 {
		return files[0].Name
	}
	return filepath.Dir(files[0].Name)
}

type unwrapper struct {
	source.Collector
	files  []source.File
	others []key                 // *.yaml keys that are no schedule
	passed []string              // files without a schedule
	seen   map[*source.Node]bool // a text that several keys share by alias is one schedule
}

func (u *unwrapper) file(file source.File) {
	data := bytes.TrimPrefix(file.Data, []byte(source.ByteOrderMark))
	manifest := source.File{Name: file.Name, Data: data}
	roots, err := source.Documents(manifest)
	switch {
	case !manifests(manifest, roots):
		u.files = append(u.files, file)
		return
	case err != nil:
		if source.CheckCharacters(manifest, &u.Collector) && u.LookAlikes(manifest, syntaxErrors) == nil {
			source.ReportSyntax(manifest, err, &u.Collector)
		}
		return
	}
	before := len(u.files)
	lines := strings.Split(string(data), "\n")
	for _, root := range roots {
		found := len(u.files)
		if u.object(root, lines, true); len(u.files) > found {
			u.unique(root)
		}
	}
	if len(u.files) == before {
		u.passed = append(u.passed, filepath.Base(file.Name))
	}
}

func syntaxErrors(data []byte) int {
	if source.IsYAML(data) {
		return 0
	}
	return 1
}

// unique reports what is written twice in a manifest that holds a schedule: kubectl refuses it, or drops one of the two.
func (u *unwrapper) unique(n *source.Node) {
	for _, f := range u.Flatten(n) {
		u.unique(f.Value)
	}
	for _, item := range n.Items {
		u.unique(item)
	}
}

// manifests reports whether the documents of a file are Kubernetes objects, at least the first. A kustomization need not have a kind.
func manifests(file source.File, roots []*source.Node) bool {
	roots = slices.DeleteFunc(slices.Clone(roots), (*source.Node).Null)
	known := slices.Contains([]string{"kustomization.yaml", "kustomization.yml"}, filepath.Base(file.Name))
	for i, root := range roots {
		if isSchedule(root) && i == 0 {
			return false
		}
		known = known || root.Word("apiVersion") != "" && root.Word("kind") != ""
	}
	return known
}

// isSchedule reports whether a document is meant to be a schedule. Others have a kind Schedule too, with a spec.
func isSchedule(root *source.Node) bool {
	return strings.HasPrefix(root.Word("apiVersion"), group) || root.Word("kind") == scheduleOf && root.Child("spec") == nil ||
		root.Child("windows") != nil || root.Child("events") != nil || root.Child("holidays") != nil
}

// HoldsSchedule reports whether a file is meant to be a schedule, or manifests that hold one.
func HoldsSchedule(file source.File) bool {
	roots, err := source.Documents(file)
	return err != nil && bytes.Contains(file.Data, []byte(group)) || slices.ContainsFunc(roots, func(root *source.Node) bool {
		return isSchedule(root) || root.Word("kind") == "ConfigMap" || strings.HasSuffix(root.Word("kind"), "List") && bytes.Contains(file.Data, []byte(group))
	})
}

func (u *unwrapper) object(root *source.Node, lines []string, outermost bool) {
	if items := root.Child("items"); items != nil && outermost && strings.HasSuffix(root.Word("kind"), "List") {
		for _, item := range items.Items {
			u.object(item, lines, false)
		}
		return
	}
	switch {
	case root.Word("kind") == "ConfigMap":
		u.configMap(u.keys(root, lines))
	case isSchedule(root):
		u.Add(root, source.RuleSecondDocument, "here a schedule is among Kubernetes manifests; put it into a file of its own, or "+
			"into the data of a ConfigMap")
	}
}

func (u *unwrapper) configMap(keys []key) {
	files, others := len(u.files), len(u.others)
	for _, k := range keys {
		if !u.key(k) && mountable(k.name) {
			u.others = append(u.others, k)
		}
	}
	for _, k := range u.others[others:] {
		if len(u.files) > files {
			if roots, _ := source.Documents(k.file); manifests(k.file, roots) {
				continue // run passes it over
			}
			u.warn(k.at, "run reads every *.yaml key of a mounted ConfigMap and would refuse this one, which is no schedule; "+
				"keep it in another ConfigMap, or mount the schedule alone (items)")
		}
	}
}

// key adds a schedule, and reports whether the text of the key is meant to be one, however broken, or is no text.
func (u *unwrapper) key(k key) bool {
	if k.value.Kind != source.Scalar {
		if isSchedule(k.value) {
			u.Add(k.at, RuleConfigMapText, "the data of a ConfigMap is text, and this is a mapping; write %s: | and keep the "+
				"schedule indented below it", tame(k.name))
		}
		return true
	}
	roots, err := source.Documents(source.File{Data: k.file.Data})
	if !slices.ContainsFunc(roots, isSchedule) && (err == nil || !strings.Contains(k.value.Text, group)) {
		return false
	}
	u.files = append(u.files, k.file)
	if !mountable(k.name) {
		u.warn(k.at, "run does not read this key of a mounted ConfigMap, only those that end in .yaml and do not begin with "+
			"a dot; rename it, or name the very file in --schedule")
	}
	return true
}

func (u *unwrapper) warn(at *source.Node, message string) {
	u.Problems = append(u.Problems, at.Place.Problem(source.SeverityWarning, RuleConfigMapKey, message))
}

// tame returns a name as it is, or in quotes where it has what names of Kubernetes have not.
func tame(name string) string {
	if strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_./") == "" {
		return source.Cut(name)
	}
	return source.Quote(name)
}

type key struct {
	name      string
	at, value *source.Node // the key itself, and what it holds
	file      source.File  // of the text
}

// keys returns the keys of a ConfigMap that may hold a schedule, those not seen before, given the lines of the manifest.
func (u *unwrapper) keys(root *source.Node, lines []string) []key {
	of := " of a ConfigMap"
	if meta := root.Child("metadata"); meta != nil && meta.Word("name") != "" {
		of = " of ConfigMap " + tame(strings.TrimPrefix(meta.Word("namespace")+"/"+meta.Word("name"), "/"))
	}
	var keys []key
	for _, section := range []string{"data", "binaryData"} {
		data := root.Child(section)
		if data == nil {
			continue
		}
		for _, f := range data.Fields {
			name, value := f.Name.Text, f.Value
			if u.seen[value] || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)) {
				continue
			}
			u.seen[value] = true
			if section != "data" { // its lines are no lines of the manifest
				decoded := *value
				decoded.Literal = false
				if data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value.Text), "")); err == nil {
					decoded.Text = string(data)
				}
				value = &decoded
			}
			keys = append(keys, key{name, f.Name, value, source.Embed(tame(name)+of, value, lines)})
		}
	}
	return keys
}

// mayBeSchedule reports whether the text has anything like a field of a schedule, or is too broken to know.
func (k key) mayBeSchedule() bool {
	roots, err := source.Documents(source.File{Data: k.file.Data})
	return err != nil || len(roots) == 0 || slices.ContainsFunc(roots, func(root *source.Node) bool {
		return root.Null() || slices.ContainsFunc(root.Fields, func(f source.Field) bool {
			return closest(f.Name.Text, []string{"timeZone", "leadTime", "rampUp", "rampDown", "holidays", "windows", "events"}) != ""
		})
	})
}
