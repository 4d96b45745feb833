package features_test

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"mallbots.example/features/catalog"
)

const (
	readme = "README.md"
	begin  = "<!-- What follows is written by go test ./features -update -->\n"
	// most scenarios of an RPC that are named: what everybody needs, many call.
	most = 5
)

// capabilities are the folders that tell most of a service.
var capabilities = map[string]string{"Baskets": "shopping"}

// checkREADME fails if the tables of README.md are not those of this run, or writes them.
func checkREADME(t *testing.T, seen *recorder) {
	t.Helper()
	old, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(old), begin)
	if !ok {
		t.Fatalf("%s has no line %s", readme, begin)
	}
	features := read(t)
	current := head + begin + "\n" + rulesTable(features) + "\n" + rpcTable(features, seen)
	switch {
	case current == string(old):
	case *update:
		if err := os.WriteFile(readme, []byte(current), 0o644); err != nil { //nolint:gosec // a source
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not current: go test ./features -update", readme)
	}
}

// rulesTable tells which scenarios show each rule.
func rulesTable(features []catalog.Feature) string {
	var b strings.Builder
	rules, scenarios := 0, 0
	for _, feature := range features {
		folder := path.Dir(feature.Path)
		fmt.Fprintf(&b, "\n### %s: [%s](%s)\n\n| rule | scenarios |\n| --- | --- |\n", folder, feature.Name, feature.Path)
		for _, rule := range feature.Rules {
			rules, scenarios = rules+1, scenarios+len(rule.Scenarios)
			var titles []string
			for _, scenario := range rule.Scenarios {
				titles = append(titles, scenario.Title)
			}
			fmt.Fprintf(&b, "| %s | %s |\n", cell(rule.Name), strings.Join(counted(titles), " · "))
		}
	}
	return fmt.Sprintf("## Rules\n\n%d rules, %d scenarios.\n", rules, scenarios) + b.String()
}

// counted names each title once, with how many there are in a row.
func counted(titles []string) []string {
	var all []string
	for len(titles) > 0 {
		n := 1
		for n < len(titles) && titles[n] == titles[0] {
			n++
		}
		title := cell(titles[0])
		if n > 1 {
			title += fmt.Sprintf(" ×%d", n)
		}
		all, titles = append(all, title), titles[n:]
	}
	return all
}

func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", `\<`, ">", `\>`).Replace(text)
}

// rpcTable tells which scenarios are about each RPC. Those whose outcome may differ from run to run are left out.
func rpcTable(features []catalog.Feature, seen *recorder) string {
	var b strings.Builder
	b.WriteString("## RPCs\n\nWhich scenarios call an RPC in a *When* or a *Then*.\n\n| RPC | scenarios |\n| --- | --- |\n")
	methods := rpcs()
	slices.SortStableFunc(methods, func(x, y protoreflect.MethodDescriptor) int {
		return cmp.Compare(x.Parent().FullName(), y.Parent().FullName())
	})
	for _, m := range methods {
		service := strings.TrimSuffix(string(m.Parent().Name()), "Service")
		home := cmp.Or(capabilities[service], strings.ToLower(service)) + "/"
		about := titlesOf(features, seen.callers[fullMethod(m)])
		slices.SortStableFunc(about, func(x, y told) int {
			if at := strings.HasPrefix(x.path, home); at != strings.HasPrefix(y.path, home) {
				if at {
					return -1
				}
				return 1
			}
			return 0
		})
		var named []string
		for _, a := range about[:min(most, len(about))] {
			named = append(named, fmt.Sprintf("[%s](%s)", cell(a.title), a.path))
		}
		if more := len(about) - most; more > 0 {
			named = append(named, fmt.Sprintf("%d more", more))
		}
		fmt.Fprintf(&b, "| %s/%s | %s |\n", service, m.Name(), strings.Join(named, " · "))
	}
	return b.String()
}

// told is a scenario by its title; the rows of its examples are one.
type told struct{ path, title string }

func titlesOf(features []catalog.Feature, callers map[caller]bool) (all []told) {
	for _, feature := range features {
		for _, rule := range feature.Rules {
			for _, scenario := range rule.Scenarios {
				if !callers[caller{path: feature.Path, name: scenario.Name}] || slices.Contains(scenario.Tags, "@race") {
					continue
				}
				if one := (told{path: feature.Path, title: scenario.Title}); !slices.Contains(all, one) {
					all = append(all, one)
				}
			}
		}
	}
	return all
}
