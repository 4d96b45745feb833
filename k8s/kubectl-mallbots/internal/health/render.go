package health

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

// Table writes the report for people: a row a service, a line a problem, and a last line that says whether all is well.
func (r Report) Table(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tREADY\tVERSION\tWAITING\tUNSENT\tDEFERRED\tDEAD\tSAGAS")
	for _, s := range r.Services {
		fmt.Fprintf(table, "%s\t%d/%d\t%s\t%s\t%s\t%s\t%s\t%s\n", s.Name, s.Ready, s.Wanted, orDash(s.Version),
			figure(s.Waiting), figure(s.Unsent), figure(s.Deferred), figure(s.Dead), figure(s.Sagas))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	last := "All is well."
	if !r.Well {
		last = fmt.Sprintf("Not well, problems: %d.", len(r.Problems))
	}
	for _, problem := range r.Problems {
		fmt.Fprintln(out, "! "+problem)
	}
	_, err := fmt.Fprintln(out, last)
	return err
}

// JSON writes the report for programs.
func (r Report) JSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

func figure(n *int64) string {
	if n == nil {
		return "-"
	}
	return strconv.FormatInt(*n, 10)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
