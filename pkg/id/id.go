// Package id makes identifiers. Use cases take a Source, so that tests know the ids beforehand.
package id

import (
	"fmt"
	"sync/atomic"

	"github.com/google/uuid"
)

// Source makes unique ids.
type Source func() string

// UUIDv7 makes ids that sort by the time they were made (RFC 9562, section 5.7): new rows land at the end of an index.
func UUIDv7() string { return uuid.Must(uuid.NewV7()).String() }

// Sequence gives the ids 00000000-0000-7000-8000-000000000001, …2, …: valid UUIDs that a test can foretell.
func Sequence() Source {
	var n atomic.Int64
	return func() string { return fmt.Sprintf("00000000-0000-7000-8000-%012d", n.Add(1)) }
}

// Derived is the id that belongs to a name within a space (UUIDv5): the same names give the same id on every replica and every retry.
func Derived(space string, names ...string) string {
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("mallbots:"+space))
	for _, name := range names {
		id = uuid.NewSHA1(id, []byte(name))
	}
	return id.String()
}
