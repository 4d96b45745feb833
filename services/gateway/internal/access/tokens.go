package access

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

const (
	// maxTokens bounds what each call is compared with: applications and people of one mall, not its customers.
	maxTokens = 500
	// maxName is ample for a name that people know a client by.
	maxName = 64
)

// client is who has a token.
type client struct {
	name string
	role Role
	hash [sha256.Size]byte
}

// tokens are the clients that may call. Only hashes of the tokens are known here: who reads the settings can't call.
type tokens []client

// parseTokens reads a client a line: "name role sha256", the hash in hex. Blank lines and those that begin with # are left out. Errors name
// the line and never show it: somebody may have put a token where its hash belongs.
func parseTokens(text string) (tokens, error) {
	var all tokens
	names, hashes := map[string]bool{}, map[[sha256.Size]byte]bool{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		c, err := parseClient(line)
		switch {
		case err != nil:
		case names[c.name]:
			err = errors.New("another line has the same name")
		case hashes[c.hash]:
			err = errors.New("another line has the same token")
		case len(all) == maxTokens:
			err = fmt.Errorf("more than %d tokens", maxTokens)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		names[c.name], hashes[c.hash] = true, true
		all = append(all, c)
	}
	if lines.Err() != nil {
		return nil, errors.New("a line is too long")
	}
	return all, nil
}

func parseClient(line string) (client, error) {
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return client{}, errors.New("it must read: name role sha256-of-the-token")
	}
	c := client{name: fields[0]}
	if len(c.name) > maxName {
		return client{}, fmt.Errorf("the name has more than %d bytes", maxName)
	}
	var err error
	if c.role, err = parseRole(fields[1]); err != nil {
		return client{}, err
	}
	hash, err := hex.DecodeString(fields[2])
	if err != nil || len(hash) != sha256.Size {
		return client{}, fmt.Errorf("the hash of the token must be SHA-256 as %d hex digits", 2*sha256.Size)
	}
	c.hash = [sha256.Size]byte(hash)
	if c.hash == sha256.Sum256(nil) {
		return client{}, errors.New("the hash is that of an empty token")
	}
	return c, nil
}

// find is the client with a token. It compares hashes, all of them and in constant time: how long it takes tells nothing of any token.
func (t tokens) find(token string) (client, bool) {
	hash := sha256.Sum256([]byte(token))
	found := -1
	for i := range t {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(hash[:], t[i].hash[:]), i, found)
	}
	if found < 0 {
		return client{}, false
	}
	return t[found], true
}

// bearer is the token of an Authorization header (RFC 6750).
func bearer(authorization string) (token string, ok bool) {
	scheme, token, _ := strings.Cut(authorization, " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}
