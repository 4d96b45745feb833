package postgres

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

const (
	// scramIterations is what Postgres itself uses (scram_iterations). The passwords are random and long, more would only slow down connecting.
	scramIterations = 4096
	// scramSaltLength is what Postgres itself uses, in bytes.
	scramSaltLength = 16
)

// Verifier is what Postgres keeps of a password (RFC 5803, as Postgres writes it), made here as psql's \password does: so the password
// itself comes into no statement, and into no log of statements.
func Verifier(password string, salt []byte) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, scramIterations, sha256.Size)
	if err != nil {
		return "", err
	}
	clientKey := sum(salted, "Client Key")
	storedKey := sha256.Sum256(clientKey)
	text := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", scramIterations, text(salt), text(storedKey[:]), text(sum(salted, "Server Key"))), nil
}

func sum(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
