package config

import (
	"encoding/base64"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// key is a key of a ConfigMap, with its text.
type key struct {
	name, title string       // "schedule.yaml", "schedule.yaml of ConfigMap demo/schedule"
	at          *source.Node // the key itself
	value       *source.Node
	binary      bool     // the text is in base64
	lines       []string // of the manifest
}

// keysOf returns the keys of a ConfigMap that may hold a schedule.
func keysOf(root *source.Node, lines []string) []key {
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
			if name := f.Name.Text; slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)) {
				keys = append(keys, key{
					name: name, title: tame(name) + of, at: f.Name, value: f.Value, binary: section != "data", lines: lines,
				})
			}
		}
	}
	return keys
}

// decoded returns the value of binaryData as text; its lines are no lines of the manifest.
func decoded(value *source.Node) *source.Node {
	text := *value
	text.Literal = false
	if data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value.Text), "")); err == nil {
		text.Text = string(data)
	}
	return &text
}

// holdsSchedule reports whether the key's text is meant to be a schedule, however broken it may be.
func (k key) holdsSchedule() bool {
	roots, err := source.Documents(source.File{Data: []byte(k.value.Text)})
	return slices.ContainsFunc(roots, isSchedule) || err != nil && strings.Contains(k.value.Text, group)
}

// mayBeSchedule reports whether the text has anything like a field of a schedule, or is too broken to know.
func (k key) mayBeSchedule() bool {
	roots, err := source.Documents(source.File{Data: []byte(k.value.Text)})
	return err != nil || len(roots) == 0 || slices.ContainsFunc(roots, func(root *source.Node) bool {
		return root.Null() || slices.ContainsFunc(root.Fields, func(f source.Field) bool {
			return closest(f.Name.Text, []string{"timeZone", "leadTime", "rampUp", "rampDown", "windows", "events"}) != ""
		})
	})
}

func (k key) file() source.File { return source.Embed(k.title, k.value, k.lines) }
