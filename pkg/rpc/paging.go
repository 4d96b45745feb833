package rpc

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"google.golang.org/protobuf/proto"

	"mallbots.example/pkg/fault"
)

// Paging after AIP-158: a page is asked for by the opaque token that came with the page before, and a token is good only for the
// request that it came from, apart from the size of the page.
const (
	// DefaultPageSize fills a screen; MaxPageSize keeps a page far below MaxRecvMsgSize and its query below a few milliseconds.
	DefaultPageSize = 50
	MaxPageSize     = 100

	// ReasonInvalidPageToken is the reason of the fault that DecodePageToken gives.
	ReasonInvalidPageToken = "INVALID_PAGE_TOKEN"

	// maxPageToken, in characters, bounds what is decoded; a cursor of a few sort keys and an id needs under 300.
	maxPageToken = 2048
	// tokenVersion lets a later release tell its tokens from these.
	tokenVersion = 1
	hashBytes    = 8
)

var tokenEncoding = base64.RawURLEncoding.Strict()

// PageSize is the number of items to give for the requested page size: 0 and less mean the default, too many mean the most.
func PageSize(requested int32) int {
	if requested <= 0 {
		return DefaultPageSize
	}
	return min(int(requested), MaxPageSize)
}

// RequestFilter is what a page token is bound to: the whole request but page_token and page_size.
func RequestFilter(req proto.Message) string {
	filter := proto.Clone(req).ProtoReflect()
	for _, name := range []string{"page_token", "page_size"} {
		for i := range filter.Descriptor().Fields().Len() {
			if field := filter.Descriptor().Fields().Get(i); string(field.Name()) == name {
				filter.Clear(field)
			}
		}
	}
	// Deterministic holds for one version of protobuf. After an update tokens may be refused once, and the client starts again.
	raw, err := proto.MarshalOptions{Deterministic: true, AllowPartial: true}.Marshal(filter.Interface())
	if err != nil {
		raw = nil // invalid UTF-8, which no request that came over gRPC holds: the token is bound to the type alone
	}
	return string(filter.Descriptor().FullName()) + "\x00" + string(raw)
}

// EncodePageToken makes the token of the page after cursor, which holds the sort keys of the last item given. The token is not
// secret and not signed: a client can read its cursor and can make up another, so a cursor must not reach what the filter forbids.
func EncodePageToken(filter string, cursor ...string) string {
	raw := []byte{tokenVersion}
	raw = append(raw, hash([]byte(filter))...)
	for _, part := range cursor {
		raw = binary.AppendUvarint(raw, uint64(len(part)))
		raw = append(raw, part...)
	}
	raw = append(raw, hash(raw)...)
	return tokenEncoding.EncodeToString(raw)
}

// DecodePageToken gives the cursor, of exactly the given number of parts, that EncodePageToken put into the token, or nil for the empty
// token of the first page. A token that is broken, or of another filter, is the fault INVALID_PAGE_TOKEN of the field page_token.
func DecodePageToken(filter, token string, parts int) ([]string, error) {
	if token == "" {
		return nil, nil
	}
	if len(token) > maxPageToken {
		return nil, badPageToken("is too long to be one that this call gave")
	}
	raw, err := tokenEncoding.DecodeString(token)
	if err != nil || len(raw) < 1+2*hashBytes || raw[0] != tokenVersion {
		return nil, badPageToken("is not one that this call gave")
	}
	body, sum := raw[:len(raw)-hashBytes], raw[len(raw)-hashBytes:]
	if !bytes.Equal(hash(body), sum) {
		return nil, badPageToken("is not one that this call gave")
	}
	if !bytes.Equal(body[1:1+hashBytes], hash([]byte(filter))) {
		return nil, badPageToken("belongs to another request: change only page_token and page_size from page to page")
	}
	cursor := []string{}
	for rest := body[1+hashBytes:]; len(rest) > 0; {
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > uint64(len(rest)-n) {
			return nil, badPageToken("is not one that this call gave")
		}
		cursor = append(cursor, string(rest[n:n+int(length)]))
		rest = rest[n+int(length):]
	}
	if len(cursor) != parts {
		return nil, badPageToken("is not one that this call gave")
	}
	return cursor, nil
}

func badPageToken(description string) error {
	f := fault.BadField("page_token", description)
	f.Reason = ReasonInvalidPageToken
	return f
}

// hash finds typing errors and other requests; it is no protection against a client that wants to forge.
func hash(data []byte) []byte {
	sum := sha256.Sum256(data)
	return sum[:hashBytes]
}
