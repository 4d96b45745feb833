// Package redisacl limits each service to its own streams: what a service may do in Redis, as an ACL file and as ACL SETUSER.
package redisacl

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// The commands of a service are those of pkg/redisstream, pkg/outbox and pkg/service, and no more; HELLO and AUTH everybody may use.
var (
	// always, without a key: readiness, and a URL that names another database than 0.
	always = []string{"ping", "select"}
	// sending to a stream, and looking whether what was sent is still there (outbox).
	sending = []string{"xadd", "xrange"}
	// receiving from a stream in a group: reading, settling, taking over, handing back, telling what waits, and trimming what all groups
	// have settled.
	// A consumer that leaves deletes itself in a script, because only a script can see that it has nothing pending and do so in one step;
	// what a script does is held to the same keys and commands.
	receiving = []string{
		"xreadgroup", "xack", "xautoclaim", "xclaim", "xpending", "xgroup|create", "xgroup|delconsumer",
		"xinfo|groups", "xinfo|consumers", "xrange", "xrevrange", "xtrim", "eval", "evalsha",
	}
)

// User is a service as Redis knows it.
type User struct {
	Name     string
	Hashes   []string // of the passwords that it may use, see Hash: one, or two while they change
	Sends    []string // streams
	Receives []string // streams
}

// Hash is the SHA-256 of a password as Redis takes it. The passwords are random, so that nothing slower is needed.
func Hash(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}

// rules are what ACL SETUSER and a line of the ACL file have in common. Sending and receiving are selectors of their own, so that a service
// can't put entries into a stream that it only receives from, nor trim one that it only sends to. Redis has selectors since 7.0.
func (u User) rules() []string {
	rules := []string{"on"}
	for _, hash := range u.Hashes {
		rules = append(rules, "#"+hash)
	}
	rules = append(rules, "resetchannels", "-@all")
	for _, command := range always {
		rules = append(rules, "+"+command)
	}
	for _, part := range []string{selector(u.Sends, sending), selector(u.Receives, receiving)} {
		if part != "" {
			rules = append(rules, part)
		}
	}
	return rules
}

func selector(streams, commands []string) string {
	if len(streams) == 0 {
		return ""
	}
	words := []string{"-@all"}
	for _, stream := range slices.Sorted(slices.Values(streams)) {
		words = append(words, "~"+stream)
	}
	for _, command := range commands {
		words = append(words, "+"+command)
	}
	return "(" + strings.Join(words, " ") + ")"
}

// File is the ACL file of a Redis of the mall's own: an administrator who may do everything, the services, and nobody else.
func File(admin, adminHash string, users []User) []byte {
	var file strings.Builder
	fmt.Fprintf(&file, "user default off resetpass resetkeys resetchannels -@all\nuser %s on #%s ~* &* +@all\n", admin, adminHash)
	for _, user := range users {
		fmt.Fprintf(&file, "user %s %s\n", user.Name, strings.Join(user.rules(), " "))
	}
	return []byte(file.String())
}
