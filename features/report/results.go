package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"mallbots.example/features/catalog"
)

// The parts of Cucumber's JSON that are shown.
type (
	jsonFeature struct {
		URI      string        `json:"uri"`
		Elements []jsonElement `json:"elements"`
	}
	jsonElement struct {
		Name  string     `json:"name"`
		Line  int64      `json:"line"`
		Steps []jsonStep `json:"steps"`
	}
	jsonStep struct {
		Keyword string     `json:"keyword"`
		Name    string     `json:"name"`
		Result  jsonResult `json:"result"`
		Rows    []jsonRow  `json:"rows"`
	}
	jsonResult struct {
		Status   string `json:"status"`
		Error    string `json:"error_message"`
		Duration int64  `json:"duration"` // nanoseconds
	}
	jsonRow struct {
		Cells []string `json:"cells"`
	}
)

// Page is what is shown.
type Page struct {
	When                          time.Time // the end of the run
	Work                          time.Duration
	Total, Passed, Failed, NotRun int
	Tags                          []string
	Capabilities                  []Capability
	Failures                      []*Scenario
}

// Capability is a folder of features.
type Capability struct {
	Name          string
	Total, Failed int
	Features      []Feature
}

// Feature is a file.
type Feature struct {
	Path, Name, Description string
	Rules                   []Rule
}

// Rule is a rule of the business, and what shows it.
type Rule struct {
	Name      string
	Scenarios []*Scenario
}

// Scenario is one run.
type Scenario struct {
	ID, Name, Where string
	Status          string // passed, failed or notrun
	Tags            []string
	Took            time.Duration
	Steps           []Step
}

// Step is one sentence.
type Step struct {
	Keyword, Text string
	Status, Error string
	Table         [][]string
}

// place is where a scenario stands in the features.
type place struct {
	path string
	line int64
}

// read gives what the result files say about the features, in the order of the features. What has no result was not run; a result of
// something that the features do not say any more is an error: the page would mix two versions.
func read(dir string, files []string) (*Page, error) {
	page := &Page{}
	results := map[place]jsonElement{}
	for _, file := range files {
		content, err := os.ReadFile(file) //nolint:gosec // named on the command line
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(file)
		if err != nil {
			return nil, err
		}
		if info.ModTime().After(page.When) {
			page.When = info.ModTime()
		}
		var features []jsonFeature
		if err := json.Unmarshal(content, &features); err != nil {
			return nil, fmt.Errorf("%s is not the JSON of Cucumber: %w", file, err)
		}
		for _, feature := range features {
			for _, element := range feature.Elements {
				results[place{feature.URI, element.Line}] = element
			}
		}
	}
	features, err := catalog.Read(dir)
	if err != nil {
		return nil, err
	}
	for _, feature := range features {
		page.add(feature, results)
	}
	slices.SortStableFunc(page.Capabilities, func(a, b Capability) int { return cmp.Compare(rank(a.Name), rank(b.Name)) })
	for at, left := range results {
		return nil, fmt.Errorf("%s:%d is not the scenario %q any more: the features have changed since they ran", at.path, at.line, left.Name)
	}
	slices.Sort(page.Tags)
	page.Tags = slices.Compact(page.Tags)
	return page, nil
}

// rank puts what customers do first, and what only those read who write clients last; what is not named comes in between, by name.
func rank(capability string) int {
	first := []string{"shopping", "ordering", "depot", "payments", "stores", "customers", "notifications", "search"}
	switch at := slices.Index(first, capability); {
	case at >= 0:
		return at
	case capability == "api":
		return len(first) + 1
	default:
		return len(first)
	}
}

// add takes what belongs to a feature out of results.
func (p *Page) add(feature catalog.Feature, results map[place]jsonElement) {
	name := path.Dir(feature.Path)
	if n := len(p.Capabilities); n == 0 || p.Capabilities[n-1].Name != name {
		p.Capabilities = append(p.Capabilities, Capability{Name: name})
	}
	capability := &p.Capabilities[len(p.Capabilities)-1]
	shown := Feature{Path: feature.Path, Name: feature.Name, Description: strings.TrimSpace(feature.Description)}
	for _, rule := range feature.Rules {
		shows := Rule{Name: rule.Name}
		for _, scenario := range rule.Scenarios {
			at := place{feature.Path, scenario.Line}
			var result *jsonElement
			if found, ok := results[at]; ok && found.Name == scenario.Name {
				result = &found
				delete(results, at)
			}
			one := scenarioOf(feature.Path, scenario, result)
			shows.Scenarios = append(shows.Scenarios, one)
			p.count(capability, one)
		}
		shown.Rules = append(shown.Rules, shows)
	}
	capability.Features = append(capability.Features, shown)
}

func (p *Page) count(capability *Capability, s *Scenario) {
	p.Tags = append(p.Tags, s.Tags...)
	p.Work += s.Took
	p.Total++
	capability.Total++
	switch s.Status {
	case "passed":
		p.Passed++
	case "failed":
		p.Failed++
		capability.Failed++
		p.Failures = append(p.Failures, s)
	default:
		p.NotRun++
	}
}

func scenarioOf(file string, scenario catalog.Scenario, result *jsonElement) *Scenario {
	s := &Scenario{
		ID: strings.NewReplacer("/", "-", ".feature", "").Replace(file) + fmt.Sprintf("-%d", scenario.Line), Name: scenario.Name,
		Where: fmt.Sprintf("%s:%d", file, scenario.Line), Status: "notrun", Tags: scenario.Tags,
	}
	if result == nil || len(result.Steps) == 0 { // left out by the command line
		for _, text := range scenario.Steps {
			s.Steps = append(s.Steps, Step{Text: text, Status: "notrun"})
		}
		return s
	}
	s.Status = "passed"
	for _, step := range result.Steps {
		s.Took += time.Duration(step.Result.Duration)
		one := Step{Keyword: strings.TrimSpace(step.Keyword), Text: step.Name, Status: step.Result.Status, Error: step.Result.Error}
		for _, row := range step.Rows {
			one.Table = append(one.Table, row.Cells)
		}
		if one.Status != "passed" {
			s.Status = "failed" // skipped steps follow one that failed
		}
		s.Steps = append(s.Steps, one)
	}
	return s
}
