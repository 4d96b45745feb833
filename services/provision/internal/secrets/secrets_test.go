package secrets_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/services/provision/internal/patience"
	"mallbots.example/services/provision/internal/secrets"
	"mallbots.example/services/provision/internal/secrets/secretstest"
)

var discard = slog.New(slog.DiscardHandler)

func keeper(t *testing.T, server *secretstest.Server, log *slog.Logger) secrets.Keeper {
	passed := make(chan time.Time)
	close(passed)
	return secrets.Keeper{API: server.Client(t), Log: log, Patience: patience.Patience{
		Log: discard, After: func(time.Duration) <-chan time.Time { return passed },
	}}
}

// once wants a password where there is none.
func once(password string) secrets.Want {
	return func(have map[string][]byte) (map[string][]byte, error) {
		if have["password"] != nil {
			return nil, nil
		}
		return map[string][]byte{"password": []byte(password)}, nil
	}
}

func TestASecretIsMadeOnceAndKept(t *testing.T) {
	server := secretstest.Start(t)
	var log bytes.Buffer
	k := keeper(t, server, slog.New(slog.NewTextHandler(&log, nil)))
	for _, password := range []string{"first", "second"} {
		data, err := k.Keep(t.Context(), "stores-credentials", once(password))
		require.NoError(t, err)
		require.Equal(t, "first", string(data["password"]))
	}
	require.Equal(t, map[string]string{"app.kubernetes.io/part-of": "mallbots", "app.kubernetes.io/managed-by": "provision"},
		server.Secret("stores-credentials").Metadata.Labels)
	require.Equal(t, "Opaque", server.Secret("stores-credentials").Type)
	require.Contains(t, log.String(), "msg=made secret=stores-credentials")
	require.Contains(t, log.String(), "msg=kept secret=stores-credentials")
	require.NotContains(t, log.String(), "first")
}

func TestAChangeLeavesTheRestOfASecretAsItIs(t *testing.T) {
	server := secretstest.Start(t)
	server.Put("s", map[string]string{"mine": "1", "old": "2", "same": "3"})
	data, err := keeper(t, server, discard).Keep(t.Context(), "s", func(map[string][]byte) (map[string][]byte, error) {
		return map[string][]byte{"new": []byte("4"), "old": nil, "same": []byte("3"), "absent": nil}, nil
	})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"mine": "1", "new": "4", "same": "3"}, server.Data("s"))
	require.Len(t, data, 3)
}

func TestWhoComesSecondTakesThePasswordOfTheFirst(t *testing.T) {
	server := secretstest.Start(t)
	server.Before = func(method, _ string) int {
		if method == http.MethodPost {
			server.Put("s", map[string]string{"password": "theirs"})
		}
		return 0
	}
	data, err := keeper(t, server, discard).Keep(t.Context(), "s", once("ours"))
	require.NoError(t, err)
	require.Equal(t, "theirs", string(data["password"]))
}

func TestAChangeOfAnotherVersionIsMadeAgainOnTheNewOne(t *testing.T) {
	server := secretstest.Start(t)
	server.Put("s", map[string]string{"other": "1"})
	server.Before = func(method, _ string) int {
		if method == http.MethodPatch && server.Data("s")["password"] == "" {
			server.Put("s", map[string]string{"password": "theirs"})
		}
		return 0
	}
	data, err := keeper(t, server, discard).Keep(t.Context(), "s", once("ours"))
	require.NoError(t, err)
	require.Equal(t, "theirs", string(data["password"]))
}

func TestRacesAreNotRunForEver(t *testing.T) {
	server := secretstest.Start(t)
	server.Before = func(method, _ string) int {
		if method == http.MethodPost {
			return http.StatusConflict
		}
		return 0
	}
	_, err := keeper(t, server, discard).Keep(t.Context(), "s", once("ours"))
	require.ErrorIs(t, err, secrets.ErrConflict)
	require.ErrorContains(t, err, "let one run end before the next")
}

func TestAServerThatIsNotReadyIsWaitedFor(t *testing.T) {
	server := secretstest.Start(t)
	answers := []int{http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusInternalServerError, 0, 0}
	server.Before = func(string, string) (status int) {
		status, answers = answers[0], answers[1:]
		return status
	}
	_, err := keeper(t, server, discard).Keep(t.Context(), "s", once("ours"))
	require.NoError(t, err)
	require.Equal(t, "ours", server.Data("s")["password"])
}

func TestARefusalNamesTheRoleThatIsMissing(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusUnauthorized} {
		server := secretstest.Start(t)
		server.Before = func(string, string) int { return status }
		_, err := keeper(t, server, discard).Keep(t.Context(), "s", once("hunter2"))
		require.ErrorContains(t, err, "the service account may not get, create and patch Secrets in the namespace mall; the Role in services/provision/README.md lets it")
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestANamespaceThatIsGoneIsNamed(t *testing.T) {
	server := secretstest.Start(t)
	server.Before = func(string, string) int { return http.StatusNotFound }
	_, err := keeper(t, server, discard).Keep(t.Context(), "s", once("ours"))
	require.ErrorContains(t, err, "the namespace mall is not there")
}

func TestTheTokenIsReadAgain(t *testing.T) {
	server := secretstest.Start(t)
	client := server.Client(t)
	_, err := client.Get(t.Context(), "s")
	require.ErrorIs(t, err, secrets.ErrNotFound)
	server.RenewToken(t, "token-2")
	_, err = client.Get(t.Context(), "s")
	require.ErrorIs(t, err, secrets.ErrNotFound)
}

func TestAServerWithAnotherCertificateIsNotSpokenTo(t *testing.T) {
	server := secretstest.Start(t)
	require.NoError(t, os.WriteFile(filepath.Join(server.Folder, "ca.crt"), anotherAuthority, 0o600))
	client, err := secrets.InCluster(server.Folder, server.Host, server.Port)
	require.NoError(t, err)
	_, err = client.Get(t.Context(), "s")
	require.ErrorContains(t, err, "certificate")
	require.Empty(t, server.Calls)
}

func TestOutsideOfAPodItSaysSo(t *testing.T) {
	_, err := secrets.InCluster(t.TempDir(), "", "")
	require.ErrorContains(t, err, "run this in a pod")
	_, err = secrets.InCluster(t.TempDir(), "127.0.0.1", "1")
	require.ErrorContains(t, err, "automountServiceAccountToken: true")
	require.True(t, errors.Is(err, os.ErrNotExist))
}
