// Package disorder is the worst bus that the promises allow: it delivers every message one to five times and in another order. Whatever
// holds on it holds on any other. It is for tests.
package disorder

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

const (
	// window is how many messages are shuffled with each other …
	window = 16
	// … and patience how long the first of them waits for the others.
	patience = 5 * time.Millisecond
	// maxCopies of a message.
	maxCopies = 5
)

// Subscriber delivers what another one does, in disorder.
type Subscriber struct {
	message.Subscriber
}

// Subscribe implements message.Subscriber.
func (s Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	in, err := s.Subscriber.Subscribe(ctx, topic)
	if err != nil {
		return nil, err
	}
	out := make(chan *message.Message)
	go func() { //nolint:contextcheck // copies keep the context of their message
		defer close(out)
		var copies sync.WaitGroup
		defer copies.Wait()
		for {
			batch, open := gather(in)
			for _, c := range multiply(batch, &copies) {
				out <- c
			}
			if !open {
				return
			}
		}
	}()
	return out, nil
}

// gather waits for a message, and then a little for more.
func gather(in <-chan *message.Message) (batch []*message.Message, open bool) {
	first, open := <-in
	if !open {
		return nil, false
	}
	batch = append(batch, first)
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for len(batch) < window {
		select {
		case m, open := <-in:
			if !open {
				return batch, false
			}
			batch = append(batch, m)
		case <-timeout.C:
			return batch, true
		}
	}
	return batch, true
}

// multiply makes the copies of all messages, shuffled. A message is acknowledged when all of its copies are.
func multiply(batch []*message.Message, running *sync.WaitGroup) []*message.Message {
	var all []*message.Message
	for _, m := range batch {
		copies := make([]*message.Message, 1+rand.IntN(maxCopies))
		for i := range copies {
			copies[i] = m.Copy()
			copies[i].SetContext(m.Context())
		}
		all = append(all, copies...)
		running.Go(func() { settle(m, copies) })
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func settle(m *message.Message, copies []*message.Message) {
	acked := true
	for _, c := range copies {
		select {
		case <-c.Acked():
		case <-c.Nacked():
			acked = false
		}
	}
	if acked {
		m.Ack()
	} else {
		m.Nack()
	}
}
