package logsms_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/logsms"
	"mallbots.example/services/notifications/internal/sendertest"
)

func TestTheLogIsASender(t *testing.T) {
	sendertest.Run(t, func(t *testing.T, log *slog.Logger) sendertest.Carrier {
		var lines bytes.Buffer
		both := slog.New(slog.NewMultiHandler(log.Handler(), slog.NewJSONHandler(&lines, nil)))
		return sendertest.Carrier{Sender: logsms.NewSender(both), Taken: func() (taken []app.Sms) {
			for lines := json.NewDecoder(bytes.NewReader(lines.Bytes())); lines.More(); {
				var line struct {
					ID   string `json:"notification_id"`
					Text string `json:"text"`
				}
				require.NoError(t, lines.Decode(&line))
				taken = append(taken, app.Sms{ID: line.ID, Text: line.Text})
			}
			return taken
		}}
	})
}
