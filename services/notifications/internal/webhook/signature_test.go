package webhook

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func secretOf(bytes int) string {
	return secretPrefix + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", bytes)))
}

// The values are those of the tests of Standard Webhooks' own libraries.
func TestASignatureIsThatOfStandardWebhooks(t *testing.T) {
	keys, err := Secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").Keys()
	require.NoError(t, err)
	require.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		sign(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)))
}

func TestEachSecretMakesASignature(t *testing.T) {
	first, second := secretOf(24), secretOf(64)
	for _, between := range []string{",", " ", "\n", ", ", ",\n"} {
		keys, err := Secrets(first + between + second).Keys()
		require.NoError(t, err)
		one, err := Secrets(first).Keys()
		require.NoError(t, err)
		both := strings.Fields(sign(keys, "id", "1", []byte("body")))
		require.Len(t, both, 2)
		require.Equal(t, sign(one, "id", "1", []byte("body")), both[0])
		require.NotEqual(t, both[0], both[1])
	}
}

func TestASecretThatCannotBeOneIsRefusedAndNotShown(t *testing.T) {
	for name, secrets := range map[string]string{
		"no prefix":      strings.TrimPrefix(secretOf(32), secretPrefix),
		"no key":         secretPrefix,
		"not base64":     secretPrefix + "hunter2hunter2hunter2hunter2hunter2!!!!!",
		"too short":      secretOf(leastKey - 1),
		"too long":       secretOf(longestKey + 1),
		"second is bad":  secretOf(32) + ",hunter2",
		"too many":       strings.Repeat(secretOf(32)+",", maxSecrets+1),
		"only separator": " , ",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Secrets(secrets).Keys()
			require.Error(t, err)
			require.NotContains(t, err.Error(), "hunter2")
			require.NotContains(t, err.Error(), strings.TrimPrefix(secretOf(8), secretPrefix)[:8])
		})
	}
}

func TestSecretsAreShownNowhere(t *testing.T) {
	s := Secrets(secretOf(32))
	holder := struct{ Secret Secrets }{s}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("started", "secret", s, "settings", holder)
	encoded, err := json.Marshal(holder)
	require.NoError(t, err)
	for _, shown := range []string{
		fmt.Sprint(s), fmt.Sprintf("%s %v %+v %#v %q", s, s, s, s, s), fmt.Sprintf("%v %+v %#v", holder, &holder, holder), log.String(), string(encoded),
	} {
		require.NotContains(t, shown, string(s)[len(secretPrefix):])
		require.Contains(t, shown, masked)
	}
}
