// Package catalog reads what the features say: capabilities, rules, scenarios and their sentences.
package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"
)

// Feature is a file of features.
type Feature struct {
	Path        string // slash separated, from the folder that was read
	Name        string
	Description string
	Rules       []Rule // in the order of the file; the first has no name if the file has scenarios outside of rules
}

// Rule is a rule of the business and what shows it.
type Rule struct {
	Name      string
	Scenarios []Scenario
}

// Scenario is one run: a row of an outline's examples is a scenario of its own.
type Scenario struct {
	Name  string
	Title string   // as it is written: with the columns of its examples instead of their values
	Line  int64    // of the scenario, or of the row of its examples
	Tags  []string // with those of its rule and feature
	Steps []string // with those of the backgrounds
}

// Read reads the features of each capability, which is a folder in dir, ordered by path.
func Read(dir string) ([]Feature, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.feature"))
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	features := make([]Feature, 0, len(paths))
	for _, path := range paths {
		feature, err := readFile(dir, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		features = append(features, feature)
	}
	return features, nil
}

func readFile(dir, path string) (Feature, error) {
	file, err := os.Open(path) //nolint:gosec // a feature of the mall
	if err != nil {
		return Feature{}, err
	}
	defer file.Close() // only read
	name, err := filepath.Rel(dir, path)
	if err != nil {
		return Feature{}, err
	}
	n := 0
	newID := func() string { n++; return fmt.Sprint(n) }
	document, err := gherkin.ParseGherkinDocument(file, newID)
	if err != nil {
		return Feature{}, err
	}
	feature := Feature{Path: filepath.ToSlash(name)}
	if document.Feature == nil {
		return feature, nil
	}
	feature.Name, feature.Description = document.Feature.Name, document.Feature.Description
	nodes := map[string]node{}
	feature.Rules = outline(document.Feature, nodes)
	for _, pickle := range gherkin.Pickles(*document, feature.Path, newID) {
		at := nodes[pickle.AstNodeIds[len(pickle.AstNodeIds)-1]]
		scenario := Scenario{Name: pickle.Name, Title: at.title, Line: at.line}
		for _, tag := range pickle.Tags {
			scenario.Tags = append(scenario.Tags, tag.Name)
		}
		for _, step := range pickle.Steps {
			scenario.Steps = append(scenario.Steps, step.Text)
		}
		rule := &feature.Rules[at.rule]
		rule.Scenarios = append(rule.Scenarios, scenario)
	}
	if len(feature.Rules[0].Scenarios) == 0 {
		feature.Rules = feature.Rules[1:]
	}
	return feature, nil
}

// node is where a scenario, or a row of its examples, stands.
type node struct {
	rule  int
	line  int64
	title string
}

// outline gives the rules, the first of which is for scenarios outside of rules, and notes where each scenario stands.
func outline(feature *messages.Feature, nodes map[string]node) []Rule {
	note := func(scenario *messages.Scenario, rule int) {
		if scenario == nil {
			return
		}
		nodes[scenario.Id] = node{rule: rule, line: scenario.Location.Line, title: scenario.Name}
		for _, examples := range scenario.Examples {
			for _, row := range examples.TableBody {
				nodes[row.Id] = node{rule: rule, line: row.Location.Line, title: scenario.Name}
			}
		}
	}
	rules := []Rule{{}}
	for _, child := range feature.Children {
		note(child.Scenario, 0)
		if child.Rule == nil {
			continue
		}
		rules = append(rules, Rule{Name: child.Rule.Name})
		for _, child := range child.Rule.Children {
			note(child.Scenario, len(rules)-1)
		}
	}
	return rules
}
