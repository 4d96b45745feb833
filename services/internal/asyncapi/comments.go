package asyncapi

import (
	"io/fs"
	"regexp"
	"strings"
)

// comments are those of the contracts' messages and fields, by their full names. Generated Go code has none at run time.
type comments map[string]string

var (
	packageLine = regexp.MustCompile(`^package ([\w.]+);`)
	messageLine = regexp.MustCompile(`^message (\w+) {`)
	fieldLine   = regexp.MustCompile(`^ +(?:optional |repeated )?[\w.]+ (\w+) = \d+`)
	commentLine = regexp.MustCompile(`^ *//(?: (.*))?$`)
)

// readComments reads the contracts, which buf format has brought into the one form that this understands.
func readComments(contracts fs.FS) (comments, error) {
	found := comments{}
	paths, err := fs.Glob(contracts, "mallbots/*/v*/*.proto")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		source, err := fs.ReadFile(contracts, path)
		if err != nil {
			return nil, err
		}
		var packageName, message string
		var comment []string
		for line := range strings.Lines(string(source)) {
			line = strings.TrimRight(line, "\n")
			if m := commentLine.FindStringSubmatch(line); m != nil {
				comment = append(comment, m[1])
				continue
			}
			text := strings.Join(comment, "\n")
			comment = nil
			if m := packageLine.FindStringSubmatch(line); m != nil {
				packageName = m[1]
			} else if m := messageLine.FindStringSubmatch(line); m != nil {
				message = packageName + "." + m[1]
				found[message] = text
			} else if m := fieldLine.FindStringSubmatch(line); m != nil {
				found[message+"."+m[1]] = text
			}
		}
	}
	return found, nil
}
