package orderlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const orderID = "0198c1b2-7d3e-7c4a-9a41-5d2f6f0e8b11"

// patience bounds everything that a test waits for.
const patience = 20 * time.Second

var began = time.Date(2026, 11, 25, 22, 15, 0, 0, time.UTC)

// at is a moment some milliseconds after the beginning.
func at(milliseconds int) time.Time { return began.Add(time.Duration(milliseconds) * time.Millisecond) }

// logged is a line as Kubernetes gives it.
func logged(milliseconds int, text string) string {
	return at(milliseconds).Format(time.RFC3339Nano) + " " + text + "\n"
}

// fake is a mall's logs. A log that is followed ends when the test ends it.
type fake struct {
	mu    sync.Mutex
	logs  map[Source]string
	fails map[Source]error
	asked map[Source]time.Time
	live  map[Source]*io.PipeWriter
}

func newFake() *fake {
	return &fake{logs: map[Source]string{}, fails: map[Source]error{}, asked: map[Source]time.Time{}, live: map[Source]*io.PipeWriter{}}
}

func source(service string) Source {
	return Source{Service: service, Pod: service + "-1", Container: service}
}

// Sources implements Logs.
func (f *fake) Sources(context.Context) (sources []Source, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.logs {
		sources = append(sources, s)
	}
	return sources, nil
}

// Open implements Logs.
func (f *fake) Open(ctx context.Context, s Source, since time.Time, follow bool) (io.ReadCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[s] = since
	if err := f.fails[s]; err != nil {
		return nil, err
	}
	if !follow {
		return io.NopCloser(strings.NewReader(f.logs[s])), nil
	}
	reader, writer := io.Pipe()
	context.AfterFunc(ctx, func() { _ = writer.CloseWithError(ctx.Err()) })
	f.live[s] = writer
	return reader, nil
}

// write waits until a log is followed and writes to it.
func (f *fake) write(t *testing.T, s Source, text string) {
	t.Helper()
	var writer *io.PipeWriter
	require.Eventually(t, func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		writer = f.live[s]
		return writer != nil
	}, patience, time.Millisecond)
	_, err := io.WriteString(writer, text)
	require.NoError(t, err)
}

func texts(lines []Line) (texts []string) {
	for _, line := range lines {
		texts = append(texts, line.Service+": "+line.Text)
	}
	return texts
}

func TestLinesOfAllLogsComeInTheOrderOfTime(t *testing.T) {
	f := newFake()
	f.logs[source("baskets")] = logged(1, "sent "+orderID) + logged(2, "about another order")
	f.logs[source("ordering")] = logged(5, "handled "+orderID) + logged(30, orderID+" again")
	f.logs[source("cosec")] = logged(10, "step of "+orderID) + logged(40, "end of "+orderID)
	f.logs[source("redis")] = "no timestamp " + orderID + "\n\n"
	before := source("cosec")
	before.Previous = true
	f.logs[before] = logged(7, "died with "+orderID)
	got, err := Collect(t.Context(), f, time.Time{}, orderID)
	require.NoError(t, err)
	require.Equal(t, []string{
		"baskets: sent " + orderID, "ordering: handled " + orderID, "cosec: died with " + orderID, "cosec: step of " + orderID,
		"ordering: " + orderID + " again", "cosec: end of " + orderID,
	}, texts(got.Lines))
	require.False(t, got.Cut)
	require.Equal(t, at(2), got.Read[source("baskets")], "lines of others count as read")
}

func TestOnlyLinesAfterATimeAreShown(t *testing.T) {
	f := newFake()
	f.logs[source("cosec")] = logged(10, "old "+orderID) + logged(20, "new "+orderID)
	got, err := Collect(t.Context(), f, at(10), orderID)
	require.NoError(t, err)
	require.Equal(t, []string{"cosec: new " + orderID}, texts(got.Lines))
	require.Equal(t, at(10), f.asked[source("cosec")])
}

func TestALogThatCanNotBeReadHidesNoOther(t *testing.T) {
	f := newFake()
	f.logs[source("cosec")], f.logs[source("depot")] = logged(1, orderID), ""
	f.fails[source("depot")] = errors.New("it is forbidden")
	got, err := Collect(t.Context(), f, time.Time{}, orderID)
	require.NoError(t, err)
	require.Len(t, got.Lines, 1)
	require.ErrorContains(t, errors.Join(got.Failed...), "the log of depot-1: it is forbidden")

	f.fails[source("cosec")] = errors.New("so is this")
	_, err = Collect(t.Context(), f, time.Time{}, orderID)
	require.ErrorContains(t, err, "so is this")
}

func TestAnOrderHasALimitOfLines(t *testing.T) {
	f := newFake()
	var long strings.Builder
	for i := range maxLines {
		long.WriteString(logged(i, orderID))
	}
	f.logs[source("a")] = long.String()
	f.logs[source("b")] = logged(maxLines+1, "last "+orderID)
	got, err := Collect(t.Context(), f, time.Time{}, orderID)
	require.NoError(t, err)
	require.True(t, got.Cut)
	require.Len(t, got.Lines, maxLines)
	require.Equal(t, "last "+orderID, got.Lines[maxLines-1].Text)
}

func TestOfALogThatIsTooLongTheEndIsShown(t *testing.T) {
	for _, n := range []int{maxLines + 1, 2 * maxLines, 2*maxLines + 1} {
		f := newFake()
		var long strings.Builder
		for i := range n {
			long.WriteString(logged(i, fmt.Sprint(orderID, " ", i)))
		}
		f.logs[source("a")] = long.String()
		got, err := Collect(t.Context(), f, time.Time{}, orderID)
		require.NoError(t, err)
		require.True(t, got.Cut, n)
		require.Len(t, got.Lines, maxLines)
		require.Equal(t, fmt.Sprint(orderID, " ", n-maxLines), got.Lines[0].Text)
		require.Equal(t, fmt.Sprint(orderID, " ", n-1), got.Lines[maxLines-1].Text)
	}
}

func TestALongLineIsCutAndTheNextOneIsWhole(t *testing.T) {
	f := newFake()
	f.logs[source("a")] = logged(1, orderID+strings.Repeat("x", 2*maxLine)) + logged(2, orderID) + strings.TrimSuffix(logged(3, "no end "+orderID), "\n")
	got, err := Collect(t.Context(), f, time.Time{}, orderID)
	require.NoError(t, err)
	require.Len(t, got.Lines, 3)
	require.LessOrEqual(t, len(got.Lines[0].Text), maxLine)
	require.Equal(t, []string{orderID, "no end " + orderID}, []string{got.Lines[1].Text, got.Lines[2].Text})
}

func TestTheMergerPutsLatecomersInTheirPlace(t *testing.T) {
	line := func(ms int) Line { return Line{Time: at(ms), Text: fmt.Sprint(ms)} }
	seen := func(lines []Line) (all []string) {
		for _, l := range lines {
			all = append(all, l.Text)
		}
		return all
	}
	m := NewMerger(time.Second, 3)
	require.Empty(t, m.Add(line(20), at(0)))
	require.Empty(t, m.Add(line(10), at(500)), "an older one that comes later")
	require.Empty(t, m.Due(at(999)))
	require.Equal(t, []string{"10", "20"}, seen(m.Due(at(1000))), "the older one goes out with the one that has waited")
	require.Empty(t, m.Add(line(30), at(1000)))
	require.Empty(t, m.Add(line(50), at(1200)))
	require.Empty(t, m.Add(line(40), at(1300)))
	require.Equal(t, []string{"30"}, seen(m.Add(line(60), at(1400))), "no room: the oldest goes out early")
	require.Equal(t, []string{"40", "50"}, seen(m.Due(at(2200))))
	require.Equal(t, []string{"60"}, seen(m.Rest()))
	require.Empty(t, m.Rest())
}

func TestAFollowedOrderGoesOnWhereItWasReadAndFindsNewPods(t *testing.T) {
	f := newFake()
	f.logs[source("cosec")] = ""
	ctx, cancel := context.WithCancel(t.Context())
	shown, ended := make(chan Line), make(chan error, 1)
	go func() {
		ended <- Follow(ctx, f, map[Source]time.Time{source("cosec"): at(10)}, orderID,
			func(line Line) error { shown <- line; return nil }, func(err error) { t.Error(err) })
	}()
	f.write(t, source("cosec"), logged(10, "shown before "+orderID)+logged(20, "of another")+logged(30, "first "+orderID))
	next := func() string {
		t.Helper()
		select {
		case line := <-shown:
			return line.Service + ": " + line.Text
		case <-time.After(patience):
			t.Fatal("no line comes")
			return ""
		}
	}
	require.Equal(t, "cosec: first "+orderID, next())
	require.Equal(t, at(10), f.asked[source("cosec")])

	// A pod that comes, and a log that ends and is opened again where it was.
	f.mu.Lock()
	f.logs[source("depot")] = ""
	ending := f.live[source("cosec")]
	delete(f.live, source("cosec"))
	f.mu.Unlock()
	require.NoError(t, ending.Close())
	f.write(t, source("depot"), logged(50, "second "+orderID))
	f.write(t, source("cosec"), logged(30, "first "+orderID)+logged(40, "late "+orderID))
	require.ElementsMatch(t, []string{"depot: second " + orderID, "cosec: late " + orderID}, []string{next(), next()})
	f.mu.Lock()
	require.Equal(t, at(30), f.asked[source("cosec")])
	f.mu.Unlock()

	cancel()
	select {
	case err := <-ended:
		require.ErrorIs(t, err, context.Canceled)
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
}

func TestLinesAreWrittenForPeople(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"a message": {
			`{"time":"2026-11-25T22:15:00Z","level":"INFO","msg":"message handled","service":"ordering","type":"mallbots.baskets.v1.BasketCheckedOut",` +
				`"subject":"` + orderID + `","correlation_id":"` + orderID + `","message_id":"m-1","from":"baskets"}`,
			`ordering       message handled  type=mallbots.baskets.v1.BasketCheckedOut  from=baskets  message_id=m-1`,
		},
		"the order's list": {
			`{"level":"INFO","msg":"message sent","subject":"list-1","correlation_id":"` + orderID + `"}`, `ordering       message sent  subject=list-1`,
		},
		"a failure, with what needs quotes": {
			`{"level":"ERROR","msg":"message failed","attempts":3,"error":"no \"list\"\nyet","correlation_id":"` + orderID + `"}`,
			`ordering       ERROR message failed  error="no \"list\"\nyet"  attempts=3`,
		},
		"what is not JSON": {"panic: " + orderID, "ordering       panic: " + orderID},
		"what could steer a terminal": {
			"\x1b[2J" + `gone`, "ordering       \uFFFD[2Jgone",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, Line{Time: began, Service: "ordering", Text: test.text}.Write(&out, orderID))
			require.Equal(t, began.Local().Format("15:04:05.000")+"  "+test.want+"\n", out.String())
		})
	}
}

func TestLinesAreWrittenForPrograms(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Line{Time: began, Service: "ordering", Pod: "ordering-1", Text: `{"msg":"x"}`}.JSON(&out))
	require.NoError(t, Line{Time: began, Service: "ordering", Pod: "ordering-1", Text: `panic: "x"`}.JSON(&out))
	require.Equal(t, `{"time":"2026-11-25T22:15:00Z","service":"ordering","pod":"ordering-1","line":{"msg":"x"}}
{"time":"2026-11-25T22:15:00Z","service":"ordering","pod":"ordering-1","text":"panic: \"x\""}
`, out.String())
}
