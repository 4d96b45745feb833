package disorder

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
)

// source hands over messages and then ends.
type source chan *message.Message

func (s source) Subscribe(context.Context, string) (<-chan *message.Message, error) { return s, nil }
func (s source) Close() error                                                       { return nil }

func receive(t *testing.T, out <-chan *message.Message) (*message.Message, bool) {
	t.Helper()
	select {
	case m, open := <-out:
		return m, open
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was delivered")
		return nil, false
	}
}

func TestEveryMessageComesOneToFiveTimesAndInAnotherOrder(t *testing.T) {
	in := make(source, 200)
	var sent []*message.Message
	for i := range cap(in) {
		m := message.NewMessage(fmt.Sprintf("%03d", i), nil)
		sent = append(sent, m)
		in <- m
	}
	close(in)
	out, err := Subscriber{in}.Subscribe(t.Context(), "topic")
	require.NoError(t, err)
	copies := map[string]int{}
	var order []string
	for {
		m, open := receive(t, out)
		if !open {
			break
		}
		copies[m.UUID]++
		order = append(order, m.UUID)
		m.Ack()
	}
	require.Len(t, copies, len(sent))
	total := 0
	for _, n := range copies {
		require.LessOrEqual(t, n, maxCopies)
		total += n
	}
	require.Greater(t, total, len(sent), "there were copies")
	require.False(t, slices.IsSorted(order), "the order was another")
	for _, m := range sent {
		<-m.Acked()
	}
}

func TestAMessageIsNackedWhenOneOfItsCopiesIs(t *testing.T) {
	in := make(source, 1)
	m := message.NewMessage("one", nil)
	in <- m
	close(in)
	out, err := Subscriber{in}.Subscribe(t.Context(), "topic")
	require.NoError(t, err)
	first := true
	for {
		c, open := receive(t, out)
		if !open {
			break
		}
		if first {
			c.Nack()
		} else {
			c.Ack()
		}
		first = false
	}
	select {
	case <-m.Nacked():
	case <-time.After(10 * time.Second):
		t.Fatal("it was not nacked")
	}
}
