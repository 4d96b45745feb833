// Package sendertest is what every app.Sender has in common, as tests.
package sendertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/domain"
)

// Carrier is a sender under test, and what lies behind it.
type Carrier struct {
	Sender app.Sender
	// Taken are the messages that it has passed on: of each at least ID and Text.
	Taken func() []app.Sms
	// Down makes it fail from now on. Nil: it has nothing to fail with.
	Down func()
}

// Run runs the suite over the carriers that start makes, which write what they log to log.
func Run(t *testing.T, start func(t *testing.T, log *slog.Logger) Carrier) {
	for name, test := range map[string]func(t *testing.T, c Carrier){
		"a message is passed on":                                         passedOn,
		"a message that is sent again goes under the same id":            sameID,
		"texts arrive as they are":                                       intact,
		"it is called from several goroutines at once":                   sideBySide,
		"it returns when its context has ended":                          ends,
		"an outage is no reason to give up, and its words are no secret": outage,
	} {
		t.Run(name, func(t *testing.T) {
			var log buffer
			test(t, start(t, slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			require.NotContains(t, log.String(), hidden, "a number is in the log")
		})
	}
}

const (
	number = "+4915112345678"
	hidden = "4915112345" // is in the number, and in no log
)

// Message is one to send, by its number.
func Message(n int) app.Sms {
	return app.Sms{
		ID: fmt.Sprintf("0193570a-0000-7000-8000-%012d", n), Kind: domain.OrderReady, OrderID: "order", CustomerID: "ada", To: number,
		Text: fmt.Sprintf("Your order %d is ready.", n), CreateTime: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	}
}

func passedOn(t *testing.T, c Carrier) {
	require.NoError(t, c.Sender.Send(t.Context(), Message(1)))
	require.Equal(t, []string{Message(1).ID + " " + Message(1).Text}, taken(c))
}

func sameID(t *testing.T, c Carrier) {
	for range 3 {
		require.NoError(t, c.Sender.Send(t.Context(), Message(1)))
	}
	for _, sms := range c.Taken() {
		require.Equal(t, Message(1).ID, sms.ID)
	}
}

func intact(t *testing.T, c Carrier) {
	for i, text := range []string{"", `"quoted" \ {}`, "two\nlines", "Grüße, 你好 🤖", "<a&b>", strings.Repeat("long ", 300)} {
		sms := Message(i)
		sms.Text = text
		require.NoError(t, c.Sender.Send(t.Context(), sms))
		require.Equal(t, text, c.Taken()[i].Text)
	}
}

func sideBySide(t *testing.T, c Carrier) {
	const each = 8
	var want []string
	var sending sync.WaitGroup
	for i := range app.SideBySide * each {
		want = append(want, Message(i).ID+" "+Message(i).Text)
	}
	for i := range app.SideBySide {
		sending.Go(func() {
			for j := range each {
				if err := c.Sender.Send(t.Context(), Message(i*each+j)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sending.Wait()
	require.ElementsMatch(t, want, taken(c))
}

func ends(t *testing.T, c Carrier) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := c.Sender.Send(ctx, Message(1)) // it may as well have been quick enough
	require.NotErrorIs(t, err, app.ErrUndeliverable)
	if err != nil {
		require.ErrorIs(t, err, context.Canceled)
	}
}

func outage(t *testing.T, c Carrier) {
	if c.Down == nil {
		return
	}
	c.Down()
	err := c.Sender.Send(t.Context(), Message(1))
	require.Error(t, err)
	require.False(t, errors.Is(err, app.ErrUndeliverable), "%v", err)
	require.NotContains(t, err.Error(), hidden)
}

func taken(c Carrier) []string {
	var all []string
	for _, sms := range c.Taken() {
		all = append(all, sms.ID+" "+sms.Text)
	}
	slices.Sort(all)
	return all
}

// buffer is a log that several goroutines write.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String gives what was written.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
