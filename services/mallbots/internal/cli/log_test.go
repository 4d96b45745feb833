package cli

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/api/shopping"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/mallbots/mall"
)

// logBook keeps the lines of a log.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is all of it.
func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// about says which services have told what of an order.
func (l *logBook) about(t *testing.T, orderID string) map[string][]string {
	t.Helper()
	told := map[string][]string{}
	for text := range strings.Lines(l.String()) {
		if strings.Contains(text, orderID) {
			var line struct{ Service, Msg, Type string }
			require.NoError(t, json.Unmarshal([]byte(text), &line))
			told[line.Service] = append(told[line.Service], line.Msg+" "+line.Type[strings.LastIndex(line.Type, ".")+1:])
		}
	}
	return told
}

func TestTheLogOfEveryServiceTellsOfAnOrderByItsID(t *testing.T) {
	book := &logBook{}
	addr, stop, err := mall.Embedded(t.Context(), []string{"MALLBOTS_LOG_LEVEL=info"}, func(level slog.Level) *slog.Logger {
		return slog.New(slog.NewJSONHandler(book, &slog.HandlerOptions{Level: level}))
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, stop()) }()
	conn, err := rpc.Dial(addr, rpc.ClientConfig{})
	require.NoError(t, err)
	defer conn.Close()
	_, err = shopping.NewClient(conn).OpenStores(t.Context())
	require.NoError(t, err)

	var orderID string
	journey := trip(shopping.NewClient(conn), t.Output())
	journey.CheckedOut = func(id string) { orderID = id }
	require.NoError(t, journey.Shop(t.Context()))

	want := map[string][]string{
		"baskets":       {"message sent BasketCheckedOut"},
		"ordering":      {"message handled BasketCheckedOut", "message handled ShoppingListCompleted", "message handled InvoicePaid"},
		"cosec":         {"message handled OrderCreated", "message handled CommandReply"},
		"customers":     {"message handled AuthorizeCustomer"},
		"stores":        {"message handled ReserveStock", "message handled OrderCompleted"},
		"depot":         {"message handled CreateShoppingList", "message sent ShoppingListAssigned", "message sent ShoppingListCompleted"},
		"payments":      {"message handled ConfirmPayment", "message handled OrderReadied", "message sent InvoicePaid"},
		"notifications": {"message handled OrderReadied"},
		"search":        {"message handled OrderCreated", "message handled OrderCompleted"},
	}
	missing := func() (missing []string) {
		told := book.about(t, orderID)
		for service, lines := range want {
			for _, line := range lines {
				if !strings.Contains(strings.Join(told[service], "\n"), line) {
					missing = append(missing, service+": "+line)
				}
			}
		}
		return missing
	}
	require.Eventually(t, func() bool { return len(missing()) == 0 }, deadline, 10*time.Millisecond, "%v", missing())
	require.NotContains(t, book.String(), "Ada", "the log holds no names of people")
	require.NotContains(t, book.String(), "+12025550123", "nor their numbers")
}
