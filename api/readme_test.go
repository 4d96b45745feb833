package api_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	rpcLine       = regexp.MustCompile(`^  rpc (\w+)\(`)
	messageLine   = regexp.MustCompile(`^message (\w+) {`)
	reasonsOfRPC  = regexp.MustCompile(`^  //   - ([A-Z_]+): ([A-Z_, ]+)$`)
	failureOfCmd  = regexp.MustCompile(`^//   - ([A-Z_]+)(:|$)`)
	reasonTable   = regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| ([A-Z_]+) \\| [^|]+ \\| ([^|]*) \\|$")
	messageInText = regexp.MustCompile(`\w+`)
)

// reason is what the contracts say of one reason: the code it goes with and the RPCs and commands that give it.
type reason struct {
	code    string
	givenBy []string
}

// Implementers go by the README's table of reasons, clients by the comments of the RPCs: both must say the same.
func TestReasonsInREADMEAreThoseOfTheContracts(t *testing.T) {
	documented := map[string]reason{}
	for _, row := range reasonTable.FindAllStringSubmatch(readme(t), -1) {
		givenBy := slices.DeleteFunc(regexp.MustCompile(`[,;] `).Split(row[3], -1), func(s string) bool { return s == "" })
		for i := range givenBy {
			givenBy[i] = strings.Trim(givenBy[i], "`")
		}
		slices.Sort(givenBy)
		documented[row[1]] = reason{row[2], givenBy}
	}
	inContracts := reasonsInContracts(t)
	for name := range inContracts {
		if _, ok := documented[name]; !ok {
			t.Errorf("%s is in the contracts, not in the README", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(documented)) {
		want, ok := inContracts[name]
		if !ok {
			t.Errorf("%s is in the README, not in the contracts", name)
			continue
		}
		got := documented[name]
		if want.code != "" && got.code != want.code {
			t.Errorf("%s: README says %s, the contracts %s", name, got.code, want.code)
		}
		if slices.Equal(got.givenBy, []string{"every service"}) {
			continue
		}
		if !slices.Equal(got.givenBy, want.givenBy) {
			t.Errorf("%s: README says\n\t%v\nthe contracts\n\t%v", name, got.givenBy, want.givenBy)
		}
	}
}

func TestEveryMessageOfAStreamIsInTheREADME(t *testing.T) {
	words := messageInText.FindAllString(readme(t), -1)
	for _, file := range []string{"events.proto", "commands.proto"} {
		for message := range messagesOf(file) {
			name := string(message.Name())
			isPart := strings.HasSuffix(name, "Item") || strings.HasSuffix(name, "Result")
			if !isPart && !slices.Contains(words, name) {
				t.Errorf("%s is not in the README", message.FullName())
			}
		}
	}
}

// reasonsInContracts reads the comments: generated Go code has no comments at run time.
func reasonsInContracts(t *testing.T) map[string]reason {
	t.Helper()
	found := map[string]reason{}
	add := func(name, code, givenBy string) {
		r := found[name]
		if r.code != "" && code != "" && r.code != code {
			t.Errorf("%s: %s gives it with %s, another RPC with %s", name, givenBy, code, r.code)
		}
		if code != "" {
			r.code = code
		}
		if !slices.Contains(r.givenBy, givenBy) {
			r.givenBy = append(r.givenBy, givenBy)
		}
		slices.Sort(r.givenBy)
		found[name] = r
	}
	paths, err := filepath.Glob("mallbots/*/v1/*.proto")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no contracts found: %v", err)
	}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var comment [][2]string // reason and code, of the comment being read
		for line := range strings.Lines(string(source)) {
			line = strings.TrimRight(line, "\n")
			if m := reasonsOfRPC.FindStringSubmatch(line); m != nil {
				for name := range strings.SplitSeq(m[2], ", ") {
					comment = append(comment, [2]string{name, m[1]})
				}
				continue
			}
			if m := failureOfCmd.FindStringSubmatch(line); m != nil {
				comment = append(comment, [2]string{m[1], ""})
				continue
			}
			m := rpcLine.FindStringSubmatch(line)
			if m == nil {
				m = messageLine.FindStringSubmatch(line)
			}
			if m != nil {
				for _, c := range comment {
					givenBy := m[1]
					if c[1] == "" {
						givenBy += " (command)"
					}
					add(c[0], c[1], givenBy)
				}
			}
			if !strings.HasPrefix(strings.TrimSpace(line), "//") {
				comment = nil
			}
		}
	}
	return found
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
