package catalog_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/features/catalog"
)

func write(t *testing.T, content string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "stores"), 0o750))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "stores", "stock.feature"), []byte(content), 0o600))
	return dir
}

func TestAFeatureIsReadByItsRules(t *testing.T) {
	features, err := catalog.Read(write(t, `@stock
Feature: Stock
  What is there.

  Background:
    Given a store

  Rule: Nothing is sold twice

    Background:
      Given one piece

    @race
    Scenario: Two customers
      When both buy

    Scenario Outline: <n> customers
      When <n> buy

      Examples:
        | n |
        | 3 |
        | 4 |

  Rule: Nothing shows this
`))
	require.NoError(t, err)
	require.Equal(t, []catalog.Feature{{
		Path: "stores/stock.feature", Name: "Stock", Description: "  What is there.",
		Rules: []catalog.Rule{
			{Name: "Nothing is sold twice", Scenarios: []catalog.Scenario{
				{Name: "Two customers", Title: "Two customers", Line: 14, Tags: []string{"@stock", "@race"}, Steps: []string{"a store", "one piece", "both buy"}},
				{Name: "3 customers", Title: "<n> customers", Line: 22, Tags: []string{"@stock"}, Steps: []string{"a store", "one piece", "3 buy"}},
				{Name: "4 customers", Title: "<n> customers", Line: 23, Tags: []string{"@stock"}, Steps: []string{"a store", "one piece", "4 buy"}},
			}},
			{Name: "Nothing shows this"},
		},
	}}, features)
}

func TestScenariosOutsideOfRulesAreNotLost(t *testing.T) {
	features, err := catalog.Read(write(t, "Feature: Stock\n  Scenario: One\n    Given a store\n"))
	require.NoError(t, err)
	require.Len(t, features[0].Rules, 1)
	require.Empty(t, features[0].Rules[0].Name)
	require.Equal(t, "One", features[0].Rules[0].Scenarios[0].Name)
}

func TestAFileWithoutAFeatureHasNoRules(t *testing.T) {
	features, err := catalog.Read(write(t, "# nothing yet\n"))
	require.NoError(t, err)
	require.Equal(t, []catalog.Feature{{Path: "stores/stock.feature"}}, features)
}

func TestWhatIsNotGherkinIsNamed(t *testing.T) {
	_, err := catalog.Read(write(t, "Given a store\n"))
	require.ErrorContains(t, err, "stock.feature")
}
