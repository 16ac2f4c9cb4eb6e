package config

import (
	"encoding/base64"
	"path/filepath"
	"slices"
	"strings"
)

// key is a key of a ConfigMap, with its text.
type key struct {
	name, title string // "schedule.yaml", "schedule.yaml of ConfigMap demo/schedule"
	at          *node  // the key itself
	value       *node
	binary      bool     // the text is in base64
	lines       []string // of the manifest
}

// keysOf returns the keys of a ConfigMap that may hold a schedule.
func keysOf(root *node, lines []string) []key {
	of := " of a ConfigMap"
	if meta := root.child("metadata"); meta != nil && meta.word("name") != "" {
		of = " of ConfigMap " + tame(strings.TrimPrefix(meta.word("namespace")+"/"+meta.word("name"), "/"))
	}
	var keys []key
	for _, section := range []string{"data", "binaryData"} {
		data := root.child(section)
		if data == nil {
			continue
		}
		for _, f := range data.fields {
			if name := f.name.text; slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)) {
				keys = append(keys, key{
					name: name, title: tame(name) + of, at: f.name, value: f.value, binary: section != "data", lines: lines,
				})
			}
		}
	}
	return keys
}

// decoded returns the value of binaryData as text; its lines are no lines of the manifest.
func decoded(value *node) *node {
	text := *value
	text.literal = false
	if data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value.text), "")); err == nil {
		text.text = string(data)
	}
	return &text
}

// holdsSchedule says whether the key's text is meant to be a schedule, however broken it may be.
func (k key) holdsSchedule() bool {
	roots, err := documents(File{Data: []byte(k.value.text)})
	return slices.ContainsFunc(roots, isSchedule) || err != nil && strings.Contains(k.value.text, group)
}

// mayBeSchedule says whether the text has anything like a field of a schedule, or is too broken to tell.
func (k key) mayBeSchedule() bool {
	roots, err := documents(File{Data: []byte(k.value.text)})
	return err != nil || len(roots) == 0 || slices.ContainsFunc(roots, func(root *node) bool {
		return root.null() || slices.ContainsFunc(root.fields, func(f field) bool {
			return closest(f.name.text, []string{"timeZone", "leadTime", "rampUp", "rampDown", "windows", "events"}) != ""
		})
	})
}

func (k key) file() File { return Embed(k.title, k.value, k.lines) }
