package service_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
)

func TestTheMetricsTellWhatWaitsInEachService(t *testing.T) {
	first, second := quiet("first"), quiet("second")
	for _, s := range []*service.Service{&first, &second} {
		s.Build = func(rt *service.Runtime) error {
			rt.Consume(topic, message.OnEvent(func(context.Context, *store.Tx, message.Meta, *wrapperspb.StringValue) error { return nil }))
			return nil
		}
	}
	r := start(t, process(t, config(t), first, second, quiet("third")))
	r.awaitReady(t)
	want := []string{`outbox_unsent_messages{service="third"} 0`, `outbox_unsent_oldest_age_seconds{service="third"} 0`}
	for _, name := range []string{"first", "second"} {
		want = append(want, `messages_deferred{service="`+name+`"} 0`, `messages_dead{service="`+name+`"} 0`)
	}
	require.Eventually(t, func() bool {
		_, body := get(t, "http://"+r.admin+"/metrics")
		for _, line := range want {
			if !strings.Contains(body, line+"\n") {
				return false
			}
		}
		return true
	}, deadline, 10*time.Millisecond)
	r.end(t)
}
