package features_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"mallbots.example/features/steps"
)

// carrier runs a carrier of messages until the test ends, and gives the settings by which a mall uses it. It takes everything but messages
// to steps.RefusedNumber.
func carrier(t *testing.T) []string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message struct{ To string }
		switch err := json.NewDecoder(r.Body).Decode(&message); {
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
		case message.To == steps.RefusedNumber:
			http.Error(w, "nobody has this number", http.StatusUnprocessableEntity)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(server.Close)
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return []string{
		"MALLBOTS_NOTIFICATIONS_WEBHOOK_URL=" + server.URL,
		"MALLBOTS_NOTIFICATIONS_WEBHOOK_SECRET=whsec_" + base64.StdEncoding.EncodeToString(secret),
	}
}
