package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
)

//go:embed page.tmpl
var source string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"took": took, "percent": percent, "title": title, "many": many, "mark": mark, "join": func(tags []string) string { return strings.Join(tags, " ") },
}).Parse(source))

// render writes the page. It needs nothing but itself: no fonts, scripts or pictures of others.
func render(w io.Writer, p *Page) error { return page.Execute(w, p) }

// took is a duration for people: two or three digits.
func took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "< 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	default:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
}

// percent of a whole, of which nothing is 0.
func percent(part, whole int) string {
	if whole == 0 {
		return "0"
	}
	return fmt.Sprintf("%.2f", 100*float64(part)/float64(whole))
}

func title(name string) string {
	if name == "api" {
		return "API"
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

func many(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// mark says a status without color: on paper, and to those who see none.
func mark(status string) string {
	switch status {
	case "passed":
		return "✓"
	case "notrun", "skipped":
		return "–"
	default:
		return "✗"
	}
}
