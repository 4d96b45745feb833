// Package orderlog finds what the pods of a mall have logged about one order, and puts it in the order of time.
package orderlog

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxLine is the longest line that is looked at whole, in bytes: services log some hundred, and a stack some ten thousand.
const maxLine = 256 << 10

// Line is one line of a log.
type Line struct {
	Time    time.Time // when Kubernetes got it
	Service string
	Pod     string
	Text    string // as it was written
}

// scan calls found with each line that comes after a time and has words in it, and gives the time of the last line at all. The lines
// must begin with a timestamp, which Kubernetes puts there when it is asked to.
func scan(ctx context.Context, log io.Reader, source Source, after time.Time, words string, found func(Line)) (last time.Time, err error) {
	last = after
	reader := bufio.NewReaderSize(log, 64<<10)
	for {
		text, err := readLine(reader)
		if err != nil || ctx.Err() != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return last, errors.Join(err, ctx.Err())
		}
		stamp, rest, _ := bytes.Cut(text, []byte(" "))
		at, err := time.Parse(time.RFC3339Nano, string(stamp))
		if err != nil || !at.After(after) { // not a line of a log, or one of the second from which Kubernetes was asked, and known
			continue
		}
		last = at
		if bytes.Contains(rest, []byte(words)) {
			found(Line{Time: at, Service: source.Service, Pod: source.Pod, Text: string(rest)})
		}
	}
}

// readLine gives the next line without its end. What is beyond maxLine is left out. A last line without an end counts.
func readLine(reader *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := reader.ReadSlice('\n')
		line = append(line, part[:min(len(part), maxLine-len(line))]...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && len(line) == 0:
			return nil, err
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
}

// first are the attributes that are shown before all others; they say what happened.
var first = []string{"type", "subject", "from", "saga", "step", "reason", "error"}

// Write shows a line to people: when, which service, what happened, and the rest as name=value. The order's own id is left out where it
// says nothing new.
func (l Line) Write(out io.Writer, orderID string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %-13s  ", l.Time.Local().Format("15:04:05.000"), l.Service)
	var fields map[string]any
	if json.Unmarshal([]byte(l.Text), &fields) != nil {
		b.WriteString(printable(l.Text))
		_, err := fmt.Fprintln(out, b.String())
		return err
	}
	if level, _ := fields["level"].(string); level != "" && level != "INFO" {
		b.WriteString(printable(level) + " ")
	}
	what, _ := fields["msg"].(string)
	b.WriteString(printable(what))
	for _, known := range []string{"time", "level", "msg", "service"} {
		delete(fields, known)
	}
	for _, key := range []string{"subject", "correlation_id"} {
		if fields[key] == orderID {
			delete(fields, key)
		}
	}
	for _, key := range inOrder(fields) {
		fmt.Fprintf(&b, "  %s=%s", printable(key), value(fields[key]))
	}
	_, err := fmt.Fprintln(out, b.String())
	return err
}

// JSON writes a line for programs.
func (l Line) JSON(out io.Writer) error {
	line := struct {
		Time    time.Time       `json:"time"`
		Service string          `json:"service"`
		Pod     string          `json:"pod"`
		Text    string          `json:"text,omitempty"`
		Line    json.RawMessage `json:"line,omitempty"`
	}{Time: l.Time, Service: l.Service, Pod: l.Pod}
	if json.Valid([]byte(l.Text)) {
		line.Line = json.RawMessage(l.Text)
	} else {
		line.Text = l.Text
	}
	return json.NewEncoder(out).Encode(line)
}

func value(v any) string {
	text, ok := v.(string)
	if !ok {
		encoded, err := json.Marshal(v)
		if err != nil {
			return "?"
		}
		text = string(encoded)
	}
	if text == "" || strings.ContainsAny(text, " \"=") || printable(text) != text {
		return strconv.Quote(text)
	}
	return text
}

// printable takes out what could steer a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, text)
}
