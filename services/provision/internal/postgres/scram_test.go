package postgres

import (
	"crypto/rand"
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/store/storetest"
)

// Postgres makes a verifier of its own; with its salt ours is the same.
func TestTheVerifierIsTheOneThatPostgresMakes(t *testing.T) {
	server := os.Getenv(storetest.PostgresURL)
	if server == "" {
		t.Skip(storetest.PostgresURL + " is not set")
	}
	conn, err := pgx.Connect(t.Context(), server)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }() // and the role was never there
	name, password := "scram_"+strings.ToLower(rand.Text()), rand.Text()
	_, err = tx.Exec(t.Context(), `SET LOCAL password_encryption = 'scram-sha-256'`)
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `CREATE ROLE `+name+` PASSWORD '`+password+`'`)
	require.NoError(t, err)
	var theirs string
	require.NoError(t, tx.QueryRow(t.Context(), `SELECT rolpassword FROM pg_authid WHERE rolname = $1`, name).Scan(&theirs))
	_, salted, _ := strings.Cut(theirs, ":")
	text, _, _ := strings.Cut(salted, "$")
	salt, err := base64.StdEncoding.DecodeString(text)
	require.NoError(t, err)
	ours, err := Verifier(password, salt)
	require.NoError(t, err)
	require.Equal(t, theirs, ours)
}
