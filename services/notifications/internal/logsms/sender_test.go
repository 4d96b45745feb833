package logsms_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/logsms"
)

func TestAMessageGoesToTheLogWithoutTheNumber(t *testing.T) {
	for number, masked := range map[string]string{
		"+4915112345678": "***********678",
		"+123":           "*123",
		"12":             "12",
		"":               "",
	} {
		var log bytes.Buffer
		sender := logsms.NewSender(slog.New(slog.NewJSONHandler(&log, nil)))
		require.NoError(t, sender.Send(t.Context(), app.Sms{ID: "n", To: number, Text: "Your order is ready."}))
		var line map[string]any
		require.NoError(t, json.Unmarshal(log.Bytes(), &line))
		require.Equal(t, masked, line["to"])
		require.Equal(t, "n", line["notification_id"])
		require.Equal(t, "Your order is ready.", line["text"])
		if len(number) > 4 {
			require.NotContains(t, log.String(), number)
		}
	}
}
