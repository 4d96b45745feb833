package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const feature = `Feature: Stock
  What is <there>.

  Rule: No piece is sold twice

    Background:
      Given a store that sells
        | product | stock |
        | Assam   | 3     |

    Scenario: The last piece
      When it is sold

    @race @without-robots
    Scenario Outline: <n> pieces
      When <n> are sold

      Examples:
        | n |
        | 4 |
        | 5 |
`

const results = `[{"uri": "stores/stock.feature", "elements": [
  {"name": "The last piece", "line": 11, "steps": [
    {"keyword": "Given ", "name": "a store that sells", "result": {"status": "passed", "duration": 2000000},
     "rows": [{"cells": ["product", "stock"]}, {"cells": ["Assam", "3"]}]},
    {"keyword": "When ", "name": "it is sold", "result": {"status": "passed", "duration": 1500000000}}]},
  {"name": "4 pieces", "line": 20, "steps": [
    {"keyword": "Given ", "name": "a store that sells", "result": {"status": "failed", "error_message": "<b>gone</b>", "duration": 1}},
    {"keyword": "When ", "name": "4 are sold", "result": {"status": "skipped"}}]}]}]`

// folder has features and results of theirs.
func folder(t *testing.T, results ...string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o750))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	write("stores/stock.feature", feature)
	write("api/errors.feature", "Feature: Errors\n  Rule: Named\n    Scenario: One\n      When it breaks\n")
	write("shopping/trip.feature", "Feature: Trip\n  Rule: Short\n    Scenario: One\n      When Ada shops\n")
	for i, content := range results {
		write("out/"+string(rune('a'+i))+".json", content)
	}
	return dir
}

func pageOf(t *testing.T, results ...string) (*Page, string) {
	t.Helper()
	dir := folder(t, results...)
	files, err := filepath.Glob(filepath.Join(dir, "out", "*.json"))
	require.NoError(t, err)
	page, err := read(dir, files)
	require.NoError(t, err)
	var html bytes.Buffer
	require.NoError(t, render(&html, page))
	return page, html.String()
}

func TestWhatPassedFailedAndWasNotRunIsTold(t *testing.T) {
	page, html := pageOf(t, results)
	require.Equal(t, []int{5, 1, 1, 3}, []int{page.Total, page.Passed, page.Failed, page.NotRun})
	stock := page.Capabilities[1].Features[0].Rules[0]
	require.Equal(t, "No piece is sold twice", stock.Name)
	var statuses []string
	for _, scenario := range stock.Scenarios {
		statuses = append(statuses, scenario.Name+" "+scenario.Status)
	}
	require.Equal(t, []string{"The last piece passed", "4 pieces failed", "5 pieces notrun"}, statuses)
	require.Equal(t, 1502*time.Millisecond, stock.Scenarios[0].Took)
	require.Equal(t, [][]string{{"product", "stock"}, {"Assam", "3"}}, stock.Scenarios[0].Steps[0].Table)
	require.Equal(t, []string{"@race", "@without-robots"}, page.Tags)
	for _, said := range []string{"1.5 s", "<td>Assam</td>", `data-tags="@race @without-robots"`, `<a href="#stores-stock-20">4 pieces</a>`, `id="stores-stock-20"`} {
		require.Contains(t, html, said)
	}
	require.Regexp(t, `id="stores-stock-20"[^>]* open>`, html, "what failed is open")
	require.Regexp(t, `id="stores-stock-11"[^>]*"passed"[^>]*">`, html)
}

func TestCustomersComeFirstAndClientsLast(t *testing.T) {
	page, _ := pageOf(t, results)
	var names []string
	for _, capability := range page.Capabilities {
		names = append(names, capability.Name)
	}
	require.Equal(t, []string{"shopping", "stores", "api"}, names)
}

func TestResultsOfSeveralRunsAreOnePage(t *testing.T) {
	page, _ := pageOf(t, results, `[{"uri": "api/errors.feature", "elements": [{"name": "One", "line": 3, "steps": [
		{"keyword": "When ", "name": "it breaks", "result": {"status": "undefined"}}]}]}]`)
	require.Equal(t, []int{5, 1, 2, 2}, []int{page.Total, page.Passed, page.Failed, page.NotRun}, "a sentence that nobody knows fails")
}

func TestWhatTheCommandLineLeftOutWasNotRun(t *testing.T) {
	page, _ := pageOf(t, `[{"uri": "api/errors.feature", "elements": [{"name": "One", "line": 3}]}]`)
	require.Equal(t, []int{5, 0, 0, 5}, []int{page.Total, page.Passed, page.Failed, page.NotRun})
}

func TestNothingOfAFeatureOrAnErrorIsTakenForHTML(t *testing.T) {
	_, html := pageOf(t, results)
	require.Contains(t, html, "What is &lt;there&gt;.")
	require.Contains(t, html, "&lt;b&gt;gone&lt;/b&gt;")
	require.NotContains(t, html, "<b>gone")
}

func TestThePageNeedsNothingButItself(t *testing.T) {
	_, html := pageOf(t, results)
	require.NotRegexp(t, regexp.MustCompile(`(?i)(src|href)\s*=\s*"[^#"]|url\(|@import|https?://`), html)
	require.Equal(t, 1, strings.Count(html, "<script>"))
	for _, part := range []string{"prefers-color-scheme: dark", "@media print", "max-width: 40rem", `name="viewport"`} {
		require.Contains(t, html, part)
	}
}

func TestResultsOfOtherFeaturesAreRefused(t *testing.T) {
	for name, old := range map[string]string{
		"another line": strings.ReplaceAll(results, `"line": 11`, `"line": 12`),
		"another name": strings.ReplaceAll(results, "The last piece", "The last two"),
	} {
		t.Run(name, func(t *testing.T) {
			err := run([]string{"-features", folder(t, old)}, &bytes.Buffer{})
			require.ErrorContains(t, err, "stores/stock.feature:1")
			require.ErrorContains(t, err, "have changed since they ran")
		})
	}
}

func TestWhatIsWrongWithTheResultsIsTold(t *testing.T) {
	require.ErrorContains(t, run([]string{"-features", folder(t)}, &bytes.Buffer{}), "has no results; go test")
	require.ErrorContains(t, run([]string{"-features", folder(t, "{")}, &bytes.Buffer{}), "is not the JSON of Cucumber")
}

func TestThePageIsWrittenBesideTheResults(t *testing.T) {
	dir := folder(t, results)
	var out bytes.Buffer
	require.NoError(t, run([]string{"-features", dir}, &out))
	require.Contains(t, out.String(), "features.html: 5 scenarios, 1 passed, 1 failed")
	html, err := os.ReadFile(filepath.Join(dir, "out", "features.html"))
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(html, []byte("<!doctype html>")))
}

func TestDurationsAreForPeople(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "< 1 ms", 12 * time.Millisecond: "12 ms", 1240 * time.Millisecond: "1.2 s", 75 * time.Second: "1 min 15 s",
	} {
		require.Equal(t, want, took(d))
	}
}
