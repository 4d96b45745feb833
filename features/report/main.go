// Command report writes one page of the last run of the features, for a browser, a phone or paper. From the root of the repository:
//
//	go test -count=1 ./features -report=out
//	go run ./features/report
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "report:", err)
		}
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	features := flags.String("features", "features", "the folder of the features")
	results := flags.String("results", "", "the folder of the results, as go test -report wrote them; by default out in that of the features")
	target := flags.String("o", "", "the file to write; by default features.html beside the results")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *results == "" {
		*results = filepath.Join(*features, "out")
	}
	if *target == "" {
		*target = filepath.Join(*results, "features.html")
	}
	files, err := filepath.Glob(filepath.Join(*results, "*.json"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s has no results; go test -count=1 ./features -report=out writes them to features/out", *results)
	}
	slices.Sort(files)
	page, err := read(*features, files)
	if err != nil {
		return err
	}
	var html bytes.Buffer
	if err := render(&html, page); err != nil {
		return err
	}
	if err := os.WriteFile(*target, html.Bytes(), 0o644); err != nil { // for everybody to read
		return err
	}
	_, err = fmt.Fprintf(out, "%s: %d scenarios, %d passed, %d failed\n", *target, page.Total, page.Passed, page.Failed)
	return err
}
