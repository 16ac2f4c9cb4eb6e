package validate

import (
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// The parts of SARIF 2.1.0 that GitHub's code scanning reads:
// https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string     `json:"id"`
		ShortDescription sarifText  `json:"shortDescription"`
		FullDescription  sarifText  `json:"fullDescription"`
		Help             sarifText  `json:"help"`
		HelpURI          string     `json:"helpUri"`
		Default          sarifLevel `json:"defaultConfiguration"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI       string `json:"uri"`
				URIBaseID string `json:"uriBaseId"`
			} `json:"artifactLocation"`
			Region sarifRegion `json:"region"`
		} `json:"physicalLocation"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

const (
	website = "https://github.com/floorkeeper/floorkeeper"
	helpURI = website + "/blob/main/docs/schedule.md#errors"
)

func (r *report) writeSARIF(w io.Writer) error {
	driver := sarifDriver{Name: "floorkeeper", Version: cli.Version, InformationURI: website}
	for _, rule := range cli.Rules() {
		asks := sarifText{"What the rule asks: " + rule.Asks + "."}
		driver.Rules = append(driver.Rules, sarifRule{
			rule.ID, sarifText{rule.Asks}, asks, sarifText{asks.Text + " See " + helpURI}, helpURI, sarifLevel{rule.Severity.String()},
		})
	}
	results := []sarifResult{} // not null
	for _, d := range r.diagnostics {
		index := slices.IndexFunc(driver.Rules, func(rule sarifRule) bool { return rule.ID == d.Rule })
		message := strings.ReplaceAll(maskedLines(d.Message), "](", "] (") // [text](address) is a link in SARIF
		results = append(results, sarifResult{d.Rule, index, d.Severity.String(), sarifText{message}, []sarifLocation{sarifPlace(d.Problem)}})
	}
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: results}
	run.Tool.Driver = driver
	return cli.WriteJSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// sarifPlace returns the place of a problem in the repository. A problem of a whole file is put on its first line, because
// code scanning shows lines only.
func sarifPlace(p source.Problem) sarifLocation {
	path := "stdin"
	if p.File != cli.StandardInput {
		path = repositoryPath(p.File)
	}
	uri := url.URL{Path: path}
	line, column := max(p.Line, 1), max(p.Column, 1)
	var place sarifLocation
	place.Physical.Artifact.URI, place.Physical.Artifact.URIBaseID = uri.String(), "%SRCROOT%"
	place.Physical.Region = sarifRegion{line, column, line, column + 1}
	return place
}
