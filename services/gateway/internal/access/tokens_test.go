package access

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func hashOf(token string) string {
	hash := sha256.Sum256([]byte(token))
	return hex.EncodeToString(hash[:])
}

func TestTokensAreFoundByTheirHash(t *testing.T) {
	all, err := parseTokens("# kiosks\n\nkiosk-1 customer " + hashOf("one") + "\r\n  counter\tstaff  " + strings.ToUpper(hashOf("two")) + "\nboss admin " + hashOf("three"))
	require.NoError(t, err)
	for token, want := range map[string]string{
		"one": "kiosk-1 customer", "two": "counter staff", "three": "boss admin", "One": " ", "one two": " ", "": " ", hashOf("one"): " ",
	} {
		c, ok := all.find(token)
		require.Equal(t, want, c.name+" "+c.role.String(), token)
		require.Equal(t, want != " ", ok)
	}
	none, err := parseTokens("")
	require.NoError(t, err)
	_, ok := none.find("")
	require.False(t, ok)
}

func TestTokensThatCannotBeReadAreNamedByLineAndNotShown(t *testing.T) {
	good := "kiosk customer " + hashOf("one") + "\n"
	var many strings.Builder
	for n := range maxTokens + 1 {
		fmt.Fprintf(&many, "kiosk-%d customer %s\n", n, hashOf(fmt.Sprint(n)))
	}
	for text, says := range map[string]string{
		"secret":                                   "line 1: it must read: name role sha256",
		good + "\n#\nsecret customer":              "line 4: it must read",
		good + "a b c secret":                      "line 2: it must read",
		"app secret " + hashOf("x"):                "line 1: the role must be customer, staff or admin",
		"app customer secret":                      "line 1: the hash of the token must be SHA-256 as 64 hex digits",
		"app customer " + hashOf("x")[1:]:          "SHA-256 as 64 hex digits",
		"app customer " + hashOf(""):               "the hash is that of an empty token",
		good + "kiosk staff " + hashOf("x"):        "line 2: another line has the same name",
		good + "app staff " + hashOf("one"):        "line 2: another line has the same token",
		strings.Repeat("a", 65) + " staff " + "00": "the name has more than 64 bytes",
		strings.Repeat("a", 1<<17):                 "a line is too long",
		many.String():                              "line 501: more than 500 tokens",
	} {
		_, err := parseTokens(text)
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestBearer(t *testing.T) {
	for header, want := range map[string]string{
		"Bearer abc": "abc", "bearer  abc ": "abc", "": "", "Bearer": "", "Bearer ": "", "Basic abc": "", "abc": "", "Bearer a, Bearer b": "a, Bearer b",
	} {
		token, ok := bearer(header)
		require.Equal(t, want != "", ok, header)
		if ok {
			require.Equal(t, want, token)
		}
	}
}
