package features_test

import (
	"regexp"
	"slices"
	"testing"

	"mallbots.example/features"
	"mallbots.example/features/catalog"
	"mallbots.example/features/steps"
)

// known are the tags there are: a tag with a slip of the pen would keep a scenario from running where it should.
var known = map[string]bool{
	features.WithoutRobots: true,
	features.WithCarrier:   true,
	"@race":                true, // several outcomes are right; that there is one of them is what is checked
}

func read(t *testing.T) []catalog.Feature {
	t.Helper()
	features, err := catalog.Read(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(features) == 0 {
		t.Fatal("there are no features")
	}
	return features
}

func TestEveryFeatureTellsRulesAndEveryRuleIsShownByScenarios(t *testing.T) {
	for _, feature := range read(t) {
		if len(feature.Rules) == 0 {
			t.Errorf("%s has no scenario", feature.Path)
		}
		rules := map[string]bool{}
		for _, rule := range feature.Rules {
			switch {
			case rule.Name == "":
				t.Errorf("%s has scenarios outside of rules", feature.Path)
			case len(rule.Scenarios) == 0:
				t.Errorf("%s: nothing shows the rule %q", feature.Path, rule.Name)
			case rules[rule.Name]:
				t.Errorf("%s has the rule %q twice", feature.Path, rule.Name)
			}
			rules[rule.Name] = true
		}
	}
}

func TestEveryScenarioSaysSomethingAndHasTagsThatAreKnown(t *testing.T) {
	for _, feature := range read(t) {
		for _, rule := range feature.Rules {
			for _, scenario := range rule.Scenarios {
				if len(scenario.Steps) == 0 || scenario.Name == "" {
					t.Errorf("%s:%d: a scenario without a name or without steps", feature.Path, scenario.Line)
				}
				for _, tag := range scenario.Tags {
					if !known[tag] {
						t.Errorf("%s:%d: nobody knows the tag %s", feature.Path, scenario.Line, tag)
					}
				}
			}
		}
	}
}

func TestEverySentenceIsUsed(t *testing.T) {
	var sentences []string
	for _, feature := range read(t) {
		for _, rule := range feature.Rules {
			for _, scenario := range rule.Scenarios {
				sentences = append(sentences, scenario.Steps...)
			}
		}
	}
	for _, expression := range steps.Expressions() {
		used := slices.ContainsFunc(sentences, regexp.MustCompile(expression).MatchString)
		if !used {
			t.Errorf("no scenario says %s", expression)
		}
	}
}
