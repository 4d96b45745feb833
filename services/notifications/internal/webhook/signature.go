package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
)

const (
	// secretPrefix marks a secret of Standard Webhooks, https://www.standardwebhooks.com: base64 follows.
	secretPrefix = "whsec_"
	// leastKey and longestKey are the sizes, in bytes, that Standard Webhooks allows a key.
	leastKey, longestKey = 24, 64
	// maxSecrets at once: the one in use, the next one, and one to spare. Each makes a signature in every request.
	maxSecrets = 3
	masked     = "(secret)"
)

// Secrets are what messages are signed with: one, or several while one replaces another, with commas or blanks between. None of them
// is shown where they are printed, logged or encoded.
type Secrets string

// String implements fmt.Stringer.
func (Secrets) String() string { return masked }

// GoString implements fmt.GoStringer.
func (Secrets) GoString() string { return masked }

// LogValue implements slog.LogValuer.
func (Secrets) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText implements encoding.TextMarshaler.
func (Secrets) MarshalText() ([]byte, error) { return []byte(masked), nil }

// Keys are the keys that the secrets stand for. An error says which can't be one, by its place.
func (s Secrets) Keys() ([][]byte, error) {
	secrets := strings.FieldsFunc(string(s), func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(secrets) == 0 || len(secrets) > maxSecrets {
		return nil, fmt.Errorf("must hold one secret, or up to %d with commas between them", maxSecrets)
	}
	keys := make([][]byte, len(secrets))
	for i, secret := range secrets {
		key, err := keyOf(secret)
		if err != nil {
			return nil, fmt.Errorf("must be %s followed by the base64 of %d to %d random bytes: secret %d %w",
				secretPrefix, leastKey, longestKey, i+1, err)
		}
		keys[i] = key
	}
	return keys, nil
}

// keyOf tells what is wrong without the words of base64's errors, which show where.
func keyOf(secret string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(secret, secretPrefix)
	if !ok {
		return nil, errors.New("begins otherwise")
	}
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return nil, errors.New("is not base64")
	}
	if len(key) < leastKey || len(key) > longestKey {
		return nil, fmt.Errorf("holds %d bytes", len(key))
	}
	return key, nil
}

// sign gives the value of webhook-signature as Standard Webhooks has it: for each key HMAC-SHA256 over id.timestamp.body.
func sign(keys [][]byte, id, timestamp string, body []byte) string {
	signatures := make([]string, len(keys))
	for i, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + timestamp + "."))
		mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signatures, " ")
}
